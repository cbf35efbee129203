import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { fieldRules } from "@keynode/contracts/descriptors";
import type { Hash } from "node:crypto";
import { digestOf, digestOfList } from "./digest.ts";

/**
 * Which fields of a message are plain, by number: `true` for a value that is plain as a whole, a shape for a message whose
 * fields are told apart. What is not in it is personal, or was not known when the shape was made, which is treated alike.
 */
export type Shape = { readonly [fieldNumber: string]: true | Shape };

/** Nothing of the message is known to be plain. */
export const opaque: Shape = {};

export const shapeOf = (message: DescMessage, above: readonly DescMessage[] = []): Shape =>
  Object.fromEntries(
    message.fields.flatMap((field) => {
      const inner = isPersonal(field) ? undefined : plainness(field, [...above, message]);
      return inner === undefined ? [] : [[String(field.number), inner]];
    }),
  );

const isPersonal = (field: DescField): boolean => fieldRules(field).personal;

const plainness = (field: DescField, above: readonly DescMessage[]): true | Shape | undefined => {
  const inner = field.message;
  if (inner === undefined || !inner.typeName.startsWith("crm.")) return true;
  // The entries of a map are not told apart: one that can hold something personal is personal as a whole.
  if (field.fieldKind === "map") return holdsPersonal(inner) ? undefined : true;
  return above.includes(inner) ? undefined : shapeOf(inner, above);
};

const holdsPersonal = (message: DescMessage, above: readonly DescMessage[] = []): boolean =>
  message.fields.some(
    (field) =>
      isPersonal(field) ||
      (field.message !== undefined &&
        !above.includes(field.message) &&
        holdsPersonal(field.message, [...above, message])),
  );

/** A shape's name follows from what it says: one that was altered does not answer to it. */
export const shapeName = (shape: Shape): string => digestOfList("shape", shape).slice(0, 22);

/** What vouches for an encoded message: one digest for its plain fields, one for all others, which needs a salt. */
export type ContentDigests = {
  readonly plain: string;
  readonly personal: (salt: string) => string;
};

/** The digests do not depend on the order in which fields of different numbers were encoded. */
export const contentDigests = (data: Uint8Array, shape: Shape): ContentDigests => ({
  plain: digestOf((hash) => writeFields(data, shape, "", { plain: hash })),
  personal: (salt) =>
    digestOf((hash) => {
      hash.update(`${salt}\n`);
      writeFields(data, shape, "", { personal: hash });
    }),
});

type Field = { readonly number: number; readonly type: WireType; readonly raw: Uint8Array };

const writeFields = (
  data: Uint8Array,
  shape: Shape,
  path: string,
  to: { readonly plain?: Hash; readonly personal?: Hash },
): void => {
  for (const { number, type, raw } of fieldsOf(data)) {
    const place = `${path}.${number}`;
    const inner = shape[number];
    if (typeof inner === "object" && type === WireType.LengthDelimited) {
      to.plain?.update(`${place}{\n`);
      writeFields(contentOf(raw), inner, place, to);
      to.plain?.update(`${place}}\n`);
    } else {
      (inner === true ? to.plain : to.personal)?.update(`${place}:${raw.length}\n`).update(raw);
    }
  }
};

/** By number; those of one number stay in their order. What cannot be read is one field that no shape knows. */
const fieldsOf = (data: Uint8Array): readonly Field[] => {
  const reader = new BinaryReader(data);
  const fields: Field[] = [];
  try {
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      fields.push({ number, type, raw: reader.skip(type, number) });
    }
  } catch {
    return [{ number: 0, type: WireType.LengthDelimited, raw: data }];
  }
  return fields.sort((one, other) => one.number - other.number);
};

/** Of a length-delimited field, what is behind its length. */
const contentOf = (raw: Uint8Array): Uint8Array => new BinaryReader(raw).bytes();

/** Numbers of the fields that the message in field `number` has, the last one where there are several. */
export const filledFields = (data: Uint8Array, number: number): ReadonlySet<number> => {
  const found = fieldsOf(data).findLast((field) => field.number === number && field.type === WireType.LengthDelimited);
  return new Set(found === undefined ? [] : fieldsOf(contentOf(found.raw)).map((field) => field.number));
};

/** The keys, texts, of the map in field `map` of the message in field `number`. */
export const filledKeys = (data: Uint8Array, number: number, map: number): readonly string[] => {
  const message = fieldsOf(data).findLast(
    (field) => field.number === number && field.type === WireType.LengthDelimited,
  );
  if (message === undefined) return [];
  return fieldsOf(contentOf(message.raw)).flatMap((entry) => {
    if (entry.number !== map || entry.type !== WireType.LengthDelimited) return [];
    const key = fieldsOf(contentOf(entry.raw)).find((field) => field.number === 1);
    return key === undefined ? [] : [Buffer.from(contentOf(key.raw)).toString()];
  });
};
