import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { type Sink, type Source, WIRE } from "./bytes.ts";
import { numberText, writeAscii, writeByte, writeBytes, writeJsonString } from "./json-sink.ts";
import { advance, decimal64, readEnd, readVarint32, readVarint64, zigzag64 } from "./wire-reader.ts";

/** How values of one type go from wire to JSON. */
export type ValuePlan = {
  readonly wireType: number;
  /** Writes the value that starts at the source; true when it is its type's default. */
  readonly write: (source: Source, sink: Sink) => boolean;
  /** The JSON text of the default, for a map entry whose value was left out; messages have none. */
  readonly zero: string | undefined;
};

const QUOTE = 0x22;

const integer = (wireType: number, read: (source: Source) => number): ValuePlan => ({
  wireType,
  zero: "0",
  write: (source, sink) => {
    const value = read(source);
    writeAscii(sink, String(value));
    return value === 0;
  },
});

/** 64-bit integers are strings in proto3 JSON. */
const long = (wireType: number, read: (source: Source) => string): ValuePlan => ({
  wireType,
  zero: '"0"',
  write: (source, sink) => {
    const digits = read(source);
    writeByte(sink, QUOTE);
    writeAscii(sink, digits);
    writeByte(sink, QUOTE);
    return digits === "0";
  },
});

const float = (wireType: number, read: (source: Source) => number): ValuePlan => ({
  wireType,
  zero: "0",
  write: (source, sink) => {
    const value = read(source);
    writeAscii(sink, numberText(value));
    return Object.is(value, 0);
  },
});

const fixed64 = (source: Source, signed: boolean): string => {
  const at = advance(source, 8);
  return decimal64(source.bytes.readUInt32LE(at), source.bytes.readUInt32LE(at + 4), signed);
};

const PLANS: Readonly<Record<ScalarType, ValuePlan>> = {
  [ScalarType.INT32]: integer(WIRE.varint, (source) => readVarint32(source) | 0),
  [ScalarType.UINT32]: integer(WIRE.varint, readVarint32),
  [ScalarType.SINT32]: integer(WIRE.varint, (source) => {
    const zigzag = readVarint32(source);
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }),
  [ScalarType.FIXED32]: integer(WIRE.fixed32, (source) => source.bytes.readUInt32LE(advance(source, 4))),
  [ScalarType.SFIXED32]: integer(WIRE.fixed32, (source) => source.bytes.readInt32LE(advance(source, 4))),
  [ScalarType.INT64]: long(WIRE.varint, (source) => readVarint64(source, true)),
  [ScalarType.UINT64]: long(WIRE.varint, (source) => readVarint64(source, false)),
  [ScalarType.SINT64]: long(WIRE.varint, (source) => zigzag64(readVarint64(source, false))),
  [ScalarType.FIXED64]: long(WIRE.fixed64, (source) => fixed64(source, false)),
  [ScalarType.SFIXED64]: long(WIRE.fixed64, (source) => fixed64(source, true)),
  [ScalarType.FLOAT]: float(WIRE.fixed32, (source) => source.bytes.readFloatLE(advance(source, 4))),
  [ScalarType.DOUBLE]: float(WIRE.fixed64, (source) => source.bytes.readDoubleLE(advance(source, 8))),
  [ScalarType.BOOL]: {
    wireType: WIRE.varint,
    zero: "false",
    write: (source, sink) => {
      const value = readVarint32(source) !== 0;
      writeAscii(sink, value ? "true" : "false");
      return !value;
    },
  },
  [ScalarType.STRING]: {
    wireType: WIRE.bytes,
    zero: '""',
    write: (source, sink) => {
      const end = readEnd(source);
      const start = source.at;
      writeJsonString(sink, source.bytes, start, end);
      source.at = end;
      return start === end;
    },
  },
  [ScalarType.BYTES]: {
    wireType: WIRE.bytes,
    zero: '""',
    write: (source, sink) => {
      const end = readEnd(source);
      const start = source.at;
      writeByte(sink, QUOTE);
      writeAscii(sink, source.bytes.toString("base64", start, end));
      writeByte(sink, QUOTE);
      source.at = end;
      return start === end;
    },
  },
};

export const scalarPlan = (type: ScalarType): ValuePlan => PLANS[type];

/** Enum values go by name; a number that this contract does not know stays a number. */
export const enumPlan = (desc: DescEnum): ValuePlan => {
  const isNull = desc.typeName === "google.protobuf.NullValue";
  const texts = new Map<number, Buffer>();
  // Of two names for one number (allow_alias) the first counts.
  for (const { number, jsonName } of desc.values) {
    if (!texts.has(number)) texts.set(number, Buffer.from(isNull ? "null" : JSON.stringify(jsonName)));
  }
  const zero = desc.values[0]?.number ?? 0;
  return {
    wireType: WIRE.varint,
    zero: texts.get(zero)?.toString() ?? "0",
    write: (source, sink) => {
      const number = readVarint32(source) | 0;
      const text = texts.get(number);
      if (text) writeBytes(sink, text);
      else writeAscii(sink, isNull ? "null" : String(number));
      return number === zero;
    },
  };
};
