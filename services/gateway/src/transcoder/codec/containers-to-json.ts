import { type Sink, type Source, WIRE } from "./bytes.ts";
import { writeAscii, writeByte, writeBytes } from "./json-sink.ts";
import type { ValuePlan } from "./scalar-to-json.ts";
import { IRREGULAR, readEnd, readVarint32, skipValue } from "./wire-reader.ts";

/** Writes name and value of a field whose tag has just been read. */
export type FieldWriter = (source: Source, sink: Sink, tag: number) => void;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
export const BRACES = { open: 0x7b, close: 0x7d } as const;
export const BRACKETS = { open: 0x5b, close: 0x5d } as const;

/** Turns `,a,b` written since `start` into `[a,b]` or `{a,b}`: each member brought its comma along. */
export const enclose = (sink: Sink, start: number, { open, close }: typeof BRACES | typeof BRACKETS): void => {
  if (sink.at === start) writeByte(sink, open);
  else sink.bytes[start] = open;
  writeByte(sink, close);
};

/** `name` is the JSON name with comma and colon. A default is left out where presence is implicit. */
export const singularWriter =
  (name: Uint8Array, { wireType, write }: ValuePlan, isImplicit: boolean): FieldWriter =>
  (source, sink, tag) => {
    if ((tag & 7) !== wireType) throw IRREGULAR;
    const before = sink.at;
    writeBytes(sink, name);
    const isDefault = write(source, sink);
    if (isDefault && isImplicit) sink.at = before;
  };

export const listWriter =
  (name: Uint8Array, element: ValuePlan): FieldWriter =>
  (source, sink, tag) => {
    const before = sink.at;
    writeBytes(sink, name);
    const start = sink.at;
    const isPacked = (tag & 7) === WIRE.bytes && element.wireType !== WIRE.bytes;
    if (isPacked) writePacked(source, sink, element);
    else writeElements(source, sink, element, tag);
    if (sink.at === start) sink.at = before;
    else enclose(sink, start, BRACKETS);
  };

/** As many elements as follow each other; later ones make the message irregular. */
export const writeElements = (source: Source, sink: Sink, { wireType, write }: ValuePlan, tag: number): void => {
  if ((tag & 7) !== wireType) throw IRREGULAR;
  do {
    writeByte(sink, COMMA);
    write(source, sink);
  } while (nextTagIs(source, tag));
};

const writePacked = (source: Source, sink: Sink, { write }: ValuePlan): void => {
  const end = readEnd(source);
  while (source.at < end) {
    writeByte(sink, COMMA);
    write(source, sink);
  }
  if (source.at !== end) throw IRREGULAR;
};

/** Passes the next tag if it is this one, and still the same message's. */
const nextTagIs = (source: Source, tag: number): boolean => {
  if (source.at >= source.end) return false;
  const before = source.at;
  if (readVarint32(source) === tag) return true;
  source.at = before;
  return false;
};

export const mapWriter = (name: Uint8Array, key: ValuePlan, value: ValuePlan): FieldWriter => {
  const writeEntries = entriesWriter(key, value);
  return (source, sink, tag) => {
    writeBytes(sink, name);
    const start = sink.at;
    writeEntries(source, sink, tag);
    enclose(sink, start, BRACES);
  };
};

/** The entries of a map that follow each other, as `,"key":value`. */
export const entriesWriter = (key: ValuePlan, value: ValuePlan): FieldWriter => {
  const keyTag = (1 << 3) | key.wireType;
  const valueTag = (2 << 3) | value.wireType;

  const writeEntry = (source: Source, sink: Sink, seen: Set<string>): void => {
    const end = readEnd(source);
    let keyAt = -1;
    let valueAt = -1;
    while (source.at < end) {
      const tag = readVarint32(source);
      if (tag === keyTag && keyAt < 0) keyAt = source.at;
      else if (tag === valueTag && valueAt < 0) valueAt = source.at;
      else throw IRREGULAR;
      skipValue(source, tag & 7);
    }
    if (source.at !== end) throw IRREGULAR;
    writeByte(sink, COMMA);
    const keyStart = sink.at;
    writeQuoted(source, sink, key, keyAt);
    const text = sink.bytes.toString("latin1", keyStart, sink.at);
    if (seen.has(text)) throw IRREGULAR;
    seen.add(text);
    writeByte(sink, COLON);
    writeAt(source, sink, value, valueAt);
    source.at = end;
  };

  return (source, sink, tag) => {
    if ((tag & 7) !== WIRE.bytes) throw IRREGULAR;
    const seen = new Set<string>();
    do writeEntry(source, sink, seen);
    while (nextTagIs(source, tag));
  };
};

const writeAt = (source: Source, sink: Sink, { write, zero }: ValuePlan, at: number): void => {
  if (at >= 0) {
    source.at = at;
    write(source, sink);
  } else if (zero === undefined) {
    throw IRREGULAR;
  } else {
    writeAscii(sink, zero);
  }
};

/** JSON's keys are strings, whatever the map's are. */
const writeQuoted = (source: Source, sink: Sink, key: ValuePlan, at: number): void => {
  const start = sink.at;
  writeByte(sink, QUOTE);
  writeAt(source, sink, key, at);
  if (sink.bytes[start + 1] !== QUOTE) {
    writeByte(sink, QUOTE);
    return;
  }
  sink.bytes.copyWithin(start, start + 1, sink.at);
  sink.at--;
};
