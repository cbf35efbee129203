import type { DescEnum, DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { registry, resourceRules } from "./descriptors.ts";

/** Gives a message, where it lies, the fields that it lacks; nested, repeated and mapped messages too. */
export type Complete = (message: object) => void;

/** An object as the generated code holds a message: its fields by their local names. */
type Fields = Record<string, unknown>;

type Step = { readonly name: string; readonly blank?: () => unknown; readonly below?: (value: unknown) => void };

const completers = new Map<string, Complete>();

/** Those of the well-known types that generated code holds as something else than a message. */
const isNative = ({ typeName }: DescMessage): boolean =>
  typeName.startsWith("google.protobuf.") && typeName !== "google.protobuf.Duration";

/**
 * What is stored outlives the contract that it was written by: a field that came later is absent there, whereas generated
 * code expects every field without presence. Answers what puts its proto3 default in its place: `""`, `0`, `false`, the
 * enum's first value, `[]`, `{}`. A field with presence stays as it is.
 */
export const completerOf = (message: DescMessage): Complete => {
  const known = completers.get(message.typeName);
  if (known !== undefined) return known;
  let steps: readonly Step[] = [];
  const complete: Complete = (given) => {
    const fields = given as Fields;
    for (const { name, blank, below } of steps) {
      const value = fields[name];
      if (value === undefined || value === null) {
        if (blank !== undefined) fields[name] = blank();
      } else below?.(value);
    }
  };
  // Known before its fields are looked at: a message may contain itself.
  completers.set(message.typeName, complete);
  steps = message.fields.flatMap(stepOf);
  return complete;
};

/** The same of a resource by its type, `lead`; undefined when the contract has none of that name. */
export const resourceCompleter = (type: string): Complete | undefined => {
  for (const described of registry()) {
    if (described.kind === "message" && resourceRules(described)?.type === type) return completerOf(described);
  }
  return undefined;
};

/** The same of any message of the contract, by its full name. */
export const messageCompleter = (typeName: string): Complete => {
  const message = registry().getMessage(typeName);
  if (message === undefined) throw new TypeError(`no message ${typeName}`);
  return completerOf(message);
};

const stepOf = (field: DescField): readonly Step[] => {
  const { localName: name } = field;
  switch (field.fieldKind) {
    case "list": {
      const below = field.listKind === "message" ? nestedIn(field.message) : undefined;
      return [{ name, blank: () => [], ...(below && { below: each(below, (list) => list as readonly unknown[]) }) }];
    }
    case "map": {
      const below = field.mapKind === "message" ? nestedIn(field.message) : undefined;
      return [{ name, blank: () => ({}), ...(below && { below: each(below, (map) => Object.values(map)) }) }];
    }
    case "message": {
      const below = nestedIn(field.message);
      return below === undefined ? [] : [{ name, below: (value) => below(value as object) }];
    }
    case "enum":
      return hasPresence(field) ? [] : [{ name, blank: always(firstOf(field.enum)) }];
    case "scalar":
      return hasPresence(field) ? [] : [{ name, blank: blankScalar(field.scalar) }];
  }
};

const nestedIn = (message: DescMessage): Complete | undefined => (isNative(message) ? undefined : completerOf(message));

const each =
  (below: Complete, itemsOf: (value: object) => readonly unknown[]) =>
  (value: unknown): void => {
    for (const item of itemsOf(value as object)) below(item as object);
  };

/** Of proto3's `optional` and of the members of a oneof: absent means absent. */
const hasPresence = ({ oneof, proto }: DescField): boolean => oneof !== undefined || proto.proto3Optional;

const firstOf = ({ values }: DescEnum): string => values[0]?.name ?? "";

const always =
  (value: unknown): (() => unknown) =>
  () =>
    value;

const blankScalar = (type: ScalarType): (() => unknown) => {
  switch (type) {
    case ScalarType.STRING:
      return always("");
    case ScalarType.BOOL:
      return always(false);
    case ScalarType.BYTES:
      return () => Buffer.alloc(0);
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return always(0n);
    default:
      return always(0);
  }
};
