import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { resourceRules } from "./descriptors.ts";

/** When everything in a sample happened. */
export const SAMPLE_TIME = "2026-01-31T08:30:00Z";
const SAMPLE_TIME_S = BigInt(Date.parse(SAMPLE_TIME) / 1_000);

/** An id as a record of the type might have (docs/adr/0004). */
export const sampleId = (type: string): string => `${type}_01jz8m3k5qf7x9v2t4w6y8a0bc`;

/** Messages within messages deeper than this stay empty. */
const MAX_DEPTH = 6;

/**
 * A message with every field filled, the same each time: an example for people, and a sample that tests keep. Of a oneof
 * its first field is set. Values are what the field's name promises, not more: nothing checks them against rules.
 */
export const sampleOf = (desc: DescMessage): Message => filled(desc, []).message;

const filled = (desc: DescMessage, above: readonly DescMessage[]): ReflectMessage => {
  const message = reflect(desc, create(desc));
  const known = WELL_KNOWN[desc.typeName];
  if (known) {
    for (const [name, value] of Object.entries(known)) {
      const field = message.findNumber(desc.fields.find((one) => one.name === name)?.number ?? 0);
      if (field?.fieldKind === "scalar") message.set(field, value);
    }
    return message;
  }
  for (const field of desc.fields) {
    const isFirst = field.oneof === undefined || field.oneof.fields[0] === field;
    if (isFirst) fill(message, field, [...above, desc]);
  }
  return message;
};

const WELL_KNOWN: Readonly<Record<string, Readonly<Record<string, bigint | number | string>>>> = {
  "google.protobuf.Timestamp": { seconds: SAMPLE_TIME_S },
  "google.protobuf.Duration": { seconds: 3_600n },
  "google.type.Money": { currency_code: "CNY", units: 12_000n },
  "google.type.Date": { year: 2026, month: 1, day: 31 },
  // Any type may stand in it, so none does.
  "google.protobuf.Any": {},
  "google.protobuf.FieldMask": {},
  "google.protobuf.Struct": {},
  "google.protobuf.Value": {},
};

const fill = (message: ReflectMessage, field: DescField, above: readonly DescMessage[]): void => {
  const isTooDeep = (desc: DescMessage): boolean => above.includes(desc) || above.length > MAX_DEPTH;
  switch (field.fieldKind) {
    case "scalar":
      message.set(field, scalarOf(field));
      break;
    case "enum":
      message.set(field, field.enum.values[1]?.number ?? 0);
      break;
    case "message":
      if (!isTooDeep(field.message)) message.set(field, filled(field.message, above));
      break;
    case "list": {
      const list = message.get(field);
      if (field.listKind === "scalar") list.add(scalarOf(field));
      else if (field.listKind === "enum") list.add(field.enum.values[1]?.number ?? 0);
      else if (!isTooDeep(field.message)) list.add(filled(field.message, above));
      break;
    }
    case "map": {
      const map = message.get(field);
      if (field.mapKind === "scalar") map.set(keyOf(field.mapKey), scalarOf(field));
      else if (field.mapKind === "enum") map.set(keyOf(field.mapKey), field.enum.values[1]?.number ?? 0);
      else if (!isTooDeep(field.message)) map.set(keyOf(field.mapKey), filled(field.message, above));
      break;
    }
  }
};

const keyOf = (type: ScalarType): string | number => (type === ScalarType.STRING ? "key" : 1);

const scalarOf = (
  field: DescField & { readonly scalar: ScalarType },
): string | number | bigint | boolean | Uint8Array => {
  switch (field.scalar) {
    case ScalarType.STRING:
      return textOf(field);
    case ScalarType.BYTES:
      return new Uint8Array([75, 101, 121]);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 0.5;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1n;
    default:
      return 1;
  }
};

/** Words by what a field's name ends in, the first that fits. */
const WORDS: readonly (readonly [name: RegExp, word: string])[] = [
  [/(^|_)email$/, "wang.fang@acme.example"],
  [/(^|_)phone$/, "+8613800000000"],
  [/(^|_)url$/, "https://acme.example/contact"],
  [/(^|_)country_code$/, "CN"],
  [/(^|_)currency(_code)?$/, "CNY"],
  [/(^|_)time_zone$/, "Asia/Shanghai"],
  [/(^|_)etag$/, "3"],
  [/(^|_)company$/, "Acme"],
  [/(^|_)name$/, "王芳"],
];

const textOf = ({ name, parent }: DescField): string => {
  if (name === "id") return sampleId(resourceRules(parent)?.type ?? "item");
  const owner = /^(owner|assignee|decided_by|created_by)(_id)?$/.test(name) ? "user" : /^(.+)_ids?$/.exec(name)?.[1];
  if (owner !== undefined) return sampleId(owner.split("_").at(-1) ?? "");
  return WORDS.find(([pattern]) => pattern.test(name))?.[1] ?? name.replaceAll("_", " ");
};
