import { type Source, sourceOf, WIRE } from "./bytes.ts";

/**
 * Thrown when bytes are not in the plain form that every generated encoder writes: fields split,
 * repeated or merged, groups, or damage. The caller then asks the reference library.
 */
export const IRREGULAR = Symbol("irregular wire format");

/** The low 32 bits of a varint, unsigned; a longer one is read to its end. */
export const readVarint32 = (source: Source): number => {
  const { bytes } = source;
  let at = source.at;
  let byte = bytes[at++];
  if (byte === undefined) throw IRREGULAR;
  let value = byte & 0x7f;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[at++];
    if (byte === undefined || shift > 63) throw IRREGULAR;
    if (shift < 32) value |= (byte & 0x7f) << shift;
  }
  source.at = at;
  return value >>> 0;
};

const LOW_32 = 0x1_0000_0000;

/** A 64-bit varint as decimal digits. */
export const readVarint64 = (source: Source, signed: boolean): string => {
  const start = source.at;
  let low = 0;
  let high = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = source.bytes[source.at++];
    if (byte === undefined || shift > 63) throw IRREGULAR;
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high |= bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) break;
  }
  if (source.at - start > 10) throw IRREGULAR;
  return decimal64(low >>> 0, high >>> 0, signed);
};

/** Two halves of a 64-bit integer as decimal digits. */
export const decimal64 = (low: number, high: number, signed: boolean): string => {
  if (high < 0x20_0000) return String(high * LOW_32 + low);
  const whole = (BigInt(high) << 32n) | BigInt(low);
  return String(signed ? BigInt.asIntN(64, whole) : whole);
};

/** Undoes zigzag on decimal digits of an unsigned 64-bit integer. */
export const zigzag64 = (digits: string): string => {
  const value = BigInt(digits);
  return String((value >> 1n) ^ -(value & 1n));
};

/** Passes `count` bytes and answers where they start. */
export const advance = (source: Source, count: number): number => {
  const start = source.at;
  source.at += count;
  if (source.at > source.bytes.length) throw IRREGULAR;
  return start;
};

/** Where the length-delimited value that starts here ends; leaves the source at its first byte. */
export const readEnd = (source: Source): number => {
  const length = readVarint32(source);
  const end = source.at + length;
  if (end > source.bytes.length) throw IRREGULAR;
  return end;
};

/** Passes over a value that nobody asked for. */
export const skipValue = (source: Source, wireType: number): void => {
  switch (wireType) {
    case WIRE.varint:
      readVarint32(source);
      return;
    case WIRE.fixed64:
      advance(source, 8);
      return;
    case WIRE.bytes:
      source.at = readEnd(source);
      return;
    case WIRE.fixed32:
      advance(source, 4);
      return;
    default:
      throw IRREGULAR;
  }
};

/** The value of a top-level string, bytes or message field, or undefined when it is not there; the last one counts. */
export const readDelimitedField = (bytes: Buffer, number: number): Buffer | undefined => {
  const source = sourceOf(bytes);
  let found: Buffer | undefined;
  try {
    while (source.at < bytes.length) {
      const tag = readVarint32(source);
      if (tag >>> 3 === number && (tag & 7) === WIRE.bytes) {
        const end = readEnd(source);
        found = bytes.subarray(source.at, end);
        source.at = end;
      } else {
        skipValue(source, tag & 7);
      }
    }
  } catch (cause) {
    if (cause !== IRREGULAR) throw cause;
    return undefined;
  }
  return found;
};
