import { reserve, type Sink } from "./bytes.ts";

/** An unsigned 32-bit integer as a varint. */
export const writeVarint32 = (sink: Sink, value: number): void => {
  reserve(sink, 5);
  const { bytes } = sink;
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes[sink.at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[sink.at++] = rest;
};

/** A 64-bit integer, negative ones in ten bytes, as a varint. */
export const writeVarint64 = (sink: Sink, value: bigint): void => {
  const whole = BigInt.asUintN(64, value);
  let low = Number(whole & 0xffff_ffffn);
  let high = Number(whole >> 32n);
  reserve(sink, 10);
  const { bytes } = sink;
  while (high > 0) {
    bytes[sink.at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  writeVarint32(sink, low);
};

export const writeFixed32 = (sink: Sink, value: number): void => {
  reserve(sink, 4);
  sink.at = sink.bytes.writeUInt32LE(value >>> 0, sink.at);
};

export const writeFixed64 = (sink: Sink, value: bigint): void => {
  reserve(sink, 8);
  sink.at = sink.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), sink.at);
};

export const writeFloat = (sink: Sink, value: number): void => {
  reserve(sink, 4);
  sink.at = sink.bytes.writeFloatLE(value, sink.at);
};

export const writeDouble = (sink: Sink, value: number): void => {
  reserve(sink, 8);
  sink.at = sink.bytes.writeDoubleLE(value, sink.at);
};

/** Bytes behind their length. */
export const writeDelimited = (sink: Sink, value: Uint8Array): void => {
  writeVarint32(sink, value.length);
  reserve(sink, value.length);
  sink.bytes.set(value, sink.at);
  sink.at += value.length;
};

/** Up to this many units a text is copied by a loop as long as it is ASCII. */
const LOOPED_UNITS = 64;

/** UTF-8 behind its length. */
export const writeText = (sink: Sink, text: string): void => {
  const units = text.length;
  reserve(sink, units * 3 + 5);
  if (units <= LOOPED_UNITS && writeShortAscii(sink, text)) return;
  writeVarint32(sink, Buffer.byteLength(text));
  sink.at += sink.bytes.write(text, sink.at, "utf8");
};

const writeShortAscii = (sink: Sink, text: string): boolean => {
  const { bytes, at } = sink;
  bytes[at] = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return false;
    bytes[at + 1 + index] = unit;
  }
  sink.at = at + 1 + text.length;
  return true;
};

const varintBytes = (value: number): number => Math.ceil((32 - Math.clz32(value | 1)) / 7);

/** Where a nested message begins; its length follows once it is known. */
export const beginNested = (sink: Sink): number => {
  reserve(sink, 1);
  return ++sink.at;
};

/** Puts the length before what was written since `start`, for which one byte was kept. */
export const endNested = (sink: Sink, start: number): void => {
  const end = sink.at;
  const more = varintBytes(end - start) - 1;
  if (more > 0) {
    reserve(sink, more);
    sink.bytes.copyWithin(start + more, start, end);
  }
  sink.at = start - 1;
  writeVarint32(sink, end - start);
  sink.at = end + more;
};
