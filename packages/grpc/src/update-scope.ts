import type { DescMessage, Message } from "@bufbuild/protobuf";
import { type Path, reflect } from "@bufbuild/protobuf/reflect";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { fieldBehavior } from "@keynode/contracts/descriptors";

/** Tells of a place in one request whether the call takes any notice of what stands there. */
export type TakesNotice = (path: Path) => boolean;

const everything: TakesNotice = () => true;

/**
 * For requests that change the fields of a resource that a mask names (AIP-134): what stands in other fields of the
 * resource is ignored, and is nobody's fault. Undefined for other requests.
 */
export const updateScope = (message: DescMessage): ((request: Message) => TakesNotice) | undefined => {
  const mask = message.fields.find(({ message: inner }) => inner?.typeName === FieldMaskSchema.typeName);
  if (mask?.name !== "update_mask") return undefined;
  const resource = message.fields.find((field) => field.fieldKind === "message" && field !== mask)?.message;
  // By these the record is found, and they are no part of what changes.
  const finding = new Set(
    resource?.fields
      .filter((field) => field.name === "etag" || fieldBehavior(field).includes("IDENTIFIER"))
      .map(({ name }) => name),
  );

  return (request) => {
    const shown = reflect(message, request);
    if (!shown.isSet(mask)) return everything;
    const { paths } = (request as Message & { readonly updateMask: FieldMask }).updateMask;
    if (paths.length === 0 || paths.includes("*")) return everything;
    const named = paths.map((path) => path.split("."));
    return ([first, ...inside]) => {
      if (inside.length === 0 || first?.kind !== "field" || first.message !== resource) return true;
      const end = inside.findIndex(({ kind }) => kind !== "field");
      const names = inside.slice(0, end < 0 ? undefined : end).map((step) => ("name" in step ? step.name : ""));
      return finding.has(names[0] ?? "") || named.some((path) => areRelated(path, names));
    };
  };
};

/** Whether one of two paths leads to the other's place, or through it. */
const areRelated = (one: readonly string[], other: readonly string[]): boolean => {
  const shared = Math.min(one.length, other.length);
  return one.slice(0, shared).every((name, depth) => name === other[depth]);
};
