import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { registry, resourceRules } from "@keynode/contracts/descriptors";
import type { MessageCodec } from "@keynode/messaging/recorded";
import fc from "fast-check";

/** Every resource that a service of the contract keeps. */
export const resourceTypes = (): DescMessage[] =>
  [...registry()].filter((type) => type.kind === "message").filter((type) => resourceRules(type) !== undefined);

/** The generated codec of a message type; a resource stands at the top of its file. */
export const codecOf = async ({ file, name }: DescMessage): Promise<MessageCodec<object>> => {
  const module: Record<string, MessageCodec<object>> = await import(`@keynode/contracts/${file.name}`);
  const codec = module[name];
  if (codec === undefined) throw new Error(`no codec for ${name} in ${file.name}`);
  return codec;
};

const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.constantFrom("", "王芳", "$set", "a.b", "\0"));
/** Of maps: what the contract lets a custom field be called. */
const key = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,39}$/);
const int32 = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 0x7fffffff, -0x80000000));
const uint32 = fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 0xffffffff));
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const time = fc.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true,
});

/** As ts-proto has them; a kind that no contract uses has no place here until one does. */
const scalars: Partial<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  [ScalarType.STRING]: text,
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.INT32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.DOUBLE]: fc.double({ noNaN: true }),
};

/** Messages of a type as ts-proto has them: every field set or absent, lists empty or not. */
export const messages = (type: DescMessage): fc.Arbitrary<object> => {
  if (type.typeName === "google.protobuf.Timestamp") return time;
  return fc.record(Object.fromEntries(type.fields.map((field) => [field.localName, fieldValue(field)])));
};

const fieldValue = (field: DescField): fc.Arbitrary<unknown> => {
  switch (field.fieldKind) {
    case "scalar":
      return scalarValue(field.scalar, field);
    case "enum":
      return fc.constantFrom(...field.enum.values.map(({ name }) => name));
    case "message":
      return fc.option(messages(field.message), { nil: undefined });
    case "list":
      return fc.array(elementValue(field), { maxLength: 3 });
    case "map":
      return fc.dictionary(key, elementValue(field), { maxKeys: 3 });
  }
};

const elementValue = (field: DescField & { fieldKind: "list" | "map" }): fc.Arbitrary<unknown> => {
  if (field.scalar !== undefined) return scalarValue(field.scalar, field);
  if (field.message !== undefined) return messages(field.message);
  return fc.constantFrom(...field.enum.values.map(({ name }) => name));
};

const scalarValue = (scalar: ScalarType, field: DescField): fc.Arbitrary<unknown> => {
  const value = scalars[scalar];
  if (value === undefined)
    throw new Error(`${field.parent.typeName}.${field.name}: ${ScalarType[scalar]} is not covered`);
  return value;
};
