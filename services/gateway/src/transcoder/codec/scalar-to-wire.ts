import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import type { ViolationCode } from "../../violation.ts";
import { type Sink, WIRE } from "./bytes.ts";
import type { Json } from "./json-text.ts";
import {
  writeDelimited,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFloat,
  writeText,
  writeVarint32,
  writeVarint64,
} from "./wire-writer.ts";

/** What is wrong with the value being written goes here, and where in the whole it stands. */
export type Notes = {
  readonly path: (string | number)[];
  readonly note: (code: ViolationCode, params?: Readonly<Record<string, string>>) => void;
};

/** How JSON values of one type go to wire. */
export type JsonPlan = {
  readonly wireType: number;
  /** Writes the value without its tag, or notes what is wrong with it; true when it is its type's default. */
  readonly write: (json: Json, sink: Sink, notes: Notes) => boolean;
  /** Null is a value of this type, not the absence of one: google.protobuf.Value, NullValue. */
  readonly takesNull: boolean;
};

const plan = (wireType: number, write: JsonPlan["write"]): JsonPlan => ({ wireType, write, takesNull: false });

/** A JSON number as a double; NaN for any other value. */
const numberOf = (json: Json): number =>
  typeof json === "number" || typeof json === "bigint" ? Number(json) : Number.NaN;

/** Writes a whole number between the bounds. */
const integer = (wireType: number, min: number, max: number, write: (sink: Sink, value: number) => void): JsonPlan =>
  plan(wireType, (json, sink, notes) => {
    const value = numberOf(json);
    if (Number.isNaN(value) || (Number.isFinite(value) && !Number.isInteger(value))) notes.note("EXPECTED_INTEGER");
    else if (value < min || value > max) notes.note("OUT_OF_RANGE");
    else write(sink, value);
    return value === 0;
  });

/** More digits than any 64-bit integer has, leading zeros included. */
const INTEGER_TEXT = /^-?\d{1,25}$/;

/** 64-bit integers are strings: a client's JSON library may round what is a number. */
const long = (wireType: number, min: bigint, max: bigint, write: (sink: Sink, value: bigint) => void): JsonPlan =>
  plan(wireType, (json, sink, notes) => {
    if (typeof json !== "string" || !INTEGER_TEXT.test(json)) {
      notes.note("EXPECTED_INTEGER_TEXT");
      return false;
    }
    const value = BigInt(json);
    if (value < min || value > max) notes.note("OUT_OF_RANGE");
    else write(sink, value);
    return value === 0n;
  });

const NOT_FINITE: ReadonlyMap<Json, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

const float = (wireType: number, max: number, write: (sink: Sink, value: number) => void): JsonPlan =>
  plan(wireType, (json, sink, notes) => {
    const special = NOT_FINITE.get(json);
    const value = special ?? numberOf(json);
    if (special === undefined && Number.isNaN(value)) {
      notes.note("EXPECTED_NUMBER");
      return false;
    }
    if (special === undefined && Math.abs(value) > max) notes.note("OUT_OF_RANGE");
    else write(sink, value);
    return Object.is(value, 0);
  });

const MAX_FLOAT = 3.4028234663852886e38;
const zigzag32 = (value: number): number => (value << 1) ^ (value >> 31);
const zigzag64 = (value: bigint): bigint => (value << 1n) ^ (value >> 63n);
const MIN_INT32 = -0x8000_0000;
const MAX_INT32 = 0x7fff_ffff;
const MAX_UINT32 = 0xffff_ffff;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Negative int32 and enum values take ten bytes, as if they were int64. */
const writeInt32 = (sink: Sink, value: number): void => {
  if (value >= 0) writeVarint32(sink, value);
  else writeVarint64(sink, BigInt(value));
};

/** Standard or URL-safe alphabet, padded or not; one character beyond a whole group holds no byte. */
const isBase64 = (text: string): boolean => /^[\w+/-]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;

const PLANS: Readonly<Record<ScalarType, JsonPlan>> = {
  [ScalarType.INT32]: integer(WIRE.varint, MIN_INT32, MAX_INT32, writeInt32),
  [ScalarType.UINT32]: integer(WIRE.varint, 0, MAX_UINT32, writeVarint32),
  [ScalarType.SINT32]: integer(WIRE.varint, MIN_INT32, MAX_INT32, (sink, value) =>
    writeVarint32(sink, zigzag32(value)),
  ),
  [ScalarType.FIXED32]: integer(WIRE.fixed32, 0, MAX_UINT32, writeFixed32),
  [ScalarType.SFIXED32]: integer(WIRE.fixed32, MIN_INT32, MAX_INT32, writeFixed32),
  [ScalarType.INT64]: long(WIRE.varint, MIN_INT64, MAX_INT64, writeVarint64),
  [ScalarType.UINT64]: long(WIRE.varint, 0n, MAX_UINT64, writeVarint64),
  [ScalarType.SINT64]: long(WIRE.varint, MIN_INT64, MAX_INT64, (sink, value) => writeVarint64(sink, zigzag64(value))),
  [ScalarType.FIXED64]: long(WIRE.fixed64, 0n, MAX_UINT64, writeFixed64),
  [ScalarType.SFIXED64]: long(WIRE.fixed64, MIN_INT64, MAX_INT64, writeFixed64),
  [ScalarType.FLOAT]: float(WIRE.fixed32, MAX_FLOAT, writeFloat),
  [ScalarType.DOUBLE]: float(WIRE.fixed64, Number.MAX_VALUE, writeDouble),
  [ScalarType.BOOL]: plan(WIRE.varint, (json, sink, notes) => {
    if (typeof json !== "boolean") notes.note("EXPECTED_BOOLEAN");
    else writeVarint32(sink, json ? 1 : 0);
    return json === false;
  }),
  [ScalarType.STRING]: plan(WIRE.bytes, (json, sink, notes) => {
    if (typeof json !== "string") notes.note("EXPECTED_STRING");
    else writeText(sink, json);
    return json === "";
  }),
  [ScalarType.BYTES]: plan(WIRE.bytes, (json, sink, notes) => {
    if (typeof json !== "string" || !isBase64(json)) notes.note("EXPECTED_BASE64");
    else writeDelimited(sink, Buffer.from(json, "base64"));
    return json === "";
  }),
};

export const scalarJsonPlan = (type: ScalarType): JsonPlan => PLANS[type];

/** Names told when an enum value is not one. */
const MAX_TOLD_NAMES = 40;

/** An enum value by its name. */
export const enumJsonPlan = (desc: DescEnum): JsonPlan => {
  const numbers = new Map<Json, number>();
  for (const { jsonName, number } of desc.values) numbers.set(jsonName, number);
  const zero = desc.values[0]?.number;
  const isNull = desc.typeName === "google.protobuf.NullValue";
  if (isNull) numbers.set(null, 0);
  const told = desc.values.filter(({ number }) => number !== 0).slice(0, MAX_TOLD_NAMES);
  const values = told.map(({ jsonName }) => jsonName).join(", ");
  return {
    wireType: WIRE.varint,
    takesNull: isNull,
    write: (json, sink, notes) => {
      const number = numbers.get(json);
      if (number === undefined) notes.note("EXPECTED_ENUM", { values });
      else writeInt32(sink, number);
      return number === zero;
    },
  };
};

/** A map key from the text that JSON has, the same for all texts of one key; undefined when the text is no such key. */
export const mapKeyOf = (type: ScalarType, text: string): Json | undefined => {
  if (type === ScalarType.STRING) return text;
  if (type === ScalarType.BOOL) return text === "true" ? true : text === "false" ? false : undefined;
  if (!INTEGER_TEXT.test(text)) return undefined;
  return LONG_TYPES.has(type) ? String(BigInt(text)) : Number(text);
};

const LONG_TYPES: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.SINT64,
  ScalarType.SFIXED64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
]);
