import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import type { CustomField_Kind } from "@keynode/contracts/crm/identity/v1/custom_field";

/** The kinds of fields that records keep values of; a formula's are worked out each time. */
export type KeptKind = Exclude<CustomField_Kind, "KIND_UNSPECIFIED" | "UNRECOGNIZED" | "FORMULA">;

/** Where a value of each kind stands in its message. */
export const properties = {
  TEXT: "text",
  NUMBER: "number",
  MONEY: "money",
  DATE: "date",
  BOOLEAN: "boolean",
  CHOICE: "choice",
  CHOICES: "choices",
  REFERENCE: "reference",
  PHONE: "phone",
  EMAIL: "email",
  URL: "url",
} as const satisfies Readonly<Record<KeptKind, keyof CustomValue>>;

export const keptKinds = Object.keys(properties) as readonly KeptKind[];

export const isKeptKind = (kind: CustomField_Kind): kind is KeptKind => Object.hasOwn(properties, kind);

/** The kind of what a message holds; undefined for none, which an empty text and an empty list are, too. */
export const kindOf = (value: CustomValue): KeptKind | undefined => keptKinds.find((kind) => isFilled(value, kind));

const isFilled = (value: CustomValue, kind: KeptKind): boolean => {
  const found = value[properties[kind]];
  return found !== undefined && found !== "" && !(Array.isArray(found) && found.length === 0);
};

/** A message that holds this and nothing else. */
export const valueOf = <Kind extends KeptKind>(
  kind: Kind,
  value: NonNullable<CustomValue[(typeof properties)[Kind]]>,
): CustomValue => ({ choices: [], [properties[kind]]: value });
