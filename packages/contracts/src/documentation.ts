import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescMessage,
  DescMethod,
  DescOneof,
  DescService,
} from "@bufbuild/protobuf";
import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";

type Described = DescMessage | DescField | DescOneof | DescEnum | DescEnumValue | DescService | DescMethod;

/** Comments of one file by the descriptor they stand above. */
type Comments = ReadonlyMap<object, string>;

/** Field numbers of descriptor.proto, by which source info addresses what a comment belongs to. */
const at = {
  file: { message: 4, enum: 5, service: 6 },
  message: { field: 2, message: 3, enum: 4, oneof: 8 },
  enum: { value: 2 },
  service: { method: 2 },
};

const readComments = (file: FileDescriptorProto): Comments => {
  const byPath = new Map(
    (file.sourceCodeInfo?.location ?? []).map((location) => [location.path.join("."), location.leadingComments]),
  );
  const comments = new Map<object, string>();
  const keep = (described: object, path: string): void => {
    const text = byPath.get(path);
    if (text !== undefined) comments.set(described, text.replaceAll(/^ /gm, "").trim());
  };
  const keepEnum = (proto: EnumDescriptorProto, path: string): void => {
    keep(proto, path);
    proto.value.forEach((value, index) => keep(value, `${path}.${at.enum.value}.${index}`));
  };
  const keepMessage = (proto: DescriptorProto, path: string): void => {
    keep(proto, path);
    proto.field.forEach((field, index) => keep(field, `${path}.${at.message.field}.${index}`));
    proto.oneofDecl.forEach((oneof, index) => keep(oneof, `${path}.${at.message.oneof}.${index}`));
    proto.enumType.forEach((nested, index) => keepEnum(nested, `${path}.${at.message.enum}.${index}`));
    proto.nestedType.forEach((nested, index) => keepMessage(nested, `${path}.${at.message.message}.${index}`));
  };
  file.messageType.forEach((message, index) => keepMessage(message, `${at.file.message}.${index}`));
  file.enumType.forEach((nested, index) => keepEnum(nested, `${at.file.enum}.${index}`));
  file.service.forEach((service, index) => {
    const path = `${at.file.service}.${index}`;
    keep(service, path);
    service.method.forEach((method, place) => keep(method, `${path}.${at.service.method}.${place}`));
  });
  return comments;
};

const commentsOfFiles = new WeakMap<FileDescriptorProto, Comments>();

const fileOf = (described: Described): FileDescriptorProto => {
  switch (described.kind) {
    case "field":
    case "oneof":
    case "enum_value":
    case "rpc":
      return described.parent.file.proto;
    case "message":
    case "enum":
    case "service":
      return described.file.proto;
  }
};

/**
 * What a contract says about a message, field, enum, value, service or method: its comment, lines
 * and paragraphs kept. Empty where it says nothing, and for files that are not ours.
 */
export const documentation = (described: Described): string => {
  const file = fileOf(described);
  let comments = commentsOfFiles.get(file);
  if (comments === undefined) {
    comments = readComments(file);
    commentsOfFiles.set(file, comments);
  }
  return comments.get(described.proto) ?? "";
};
