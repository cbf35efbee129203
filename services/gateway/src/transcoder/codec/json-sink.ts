import { reserve, type Sink } from "./bytes.ts";

/** Writes text known to be ASCII. */
export const writeAscii = (sink: Sink, text: string): void => {
  reserve(sink, text.length);
  const { bytes } = sink;
  let at = sink.at;
  for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
  sink.at = at;
};

export const writeByte = (sink: Sink, byte: number): void => {
  reserve(sink, 1);
  sink.bytes[sink.at++] = byte;
};

/** Copies bytes as they are; a loop, since a native copy costs more for the short ones that these are. */
export const writeBytes = (sink: Sink, from: Uint8Array): void => {
  reserve(sink, from.length);
  const { bytes } = sink;
  let at = sink.at;
  for (let index = 0; index < from.length; index++) bytes[at++] = from[index]!;
  sink.at = at;
};

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = "0123456789abcdef";

/**
 * Writes UTF-8 bytes as a JSON string. Only controls, `"` and `\` need escaping (RFC 8259 §7);
 * everything else is copied, so text is never decoded.
 */
export const writeJsonString = (sink: Sink, from: Uint8Array, start: number, end: number): void => {
  reserve(sink, end - start + 2);
  let { bytes } = sink;
  let at = sink.at;
  bytes[at++] = QUOTE;
  for (let index = start; index < end; index++) {
    const byte = from[index]!;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
      bytes[at++] = byte;
      continue;
    }
    sink.at = at;
    reserve(sink, end - index + 7);
    bytes = sink.bytes;
    bytes[at++] = BACKSLASH;
    if (byte >= 0x20) {
      bytes[at++] = byte;
      continue;
    }
    bytes[at++] = 0x75;
    bytes[at++] = 0x30;
    bytes[at++] = 0x30;
    bytes[at++] = HEX.charCodeAt(byte >> 4);
    bytes[at++] = HEX.charCodeAt(byte & 15);
  }
  bytes[at++] = QUOTE;
  sink.at = at;
};

/** A double as proto3 JSON: what JSON has no number for is a string. */
export const numberText = (value: number): string => (Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`);
