import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { type Sink, type Source, WIRE } from "./bytes.ts";
import { BRACES, BRACKETS, enclose, entriesWriter, writeElements } from "./containers-to-json.ts";
import { writeAscii } from "./json-sink.ts";
import { scalarPlan, type ValuePlan } from "./scalar-to-json.ts";
import { timestampText } from "./timestamp.ts";
import { advance, IRREGULAR, readEnd, readVarint32, readVarint64 } from "./wire-reader.ts";

/** Writes the message that reaches to the source's end, all of it. */
export type MessageWriter = (source: Source, sink: Sink) => void;

const writeTimestamp: MessageWriter = (source, sink) => {
  let seconds = 0;
  let nanos = 0;
  while (source.at < source.end) {
    const tag = readVarint32(source);
    if (tag === 0x08) seconds = Number(readVarint64(source, true));
    else if (tag === 0x10) nanos = readVarint32(source) | 0;
    else throw IRREGULAR;
  }
  const text = timestampText(seconds, nanos);
  if (text === undefined) throw IRREGULAR;
  writeAscii(sink, `"${text}"`);
};

/** Tags of the members of google.protobuf.Value. */
const VALUE = { null: 0x08, number: 0x11, string: 0x1a, bool: 0x20, struct: 0x2a, list: 0x32 } as const;

const writeValue: MessageWriter = (source, sink) => {
  const tag = source.at < source.end ? readVarint32(source) : undefined;
  switch (tag) {
    case VALUE.null:
      readVarint32(source);
      writeAscii(sink, "null");
      break;
    case VALUE.number: {
      const number = source.bytes.readDoubleLE(advance(source, 8));
      if (!Number.isFinite(number)) throw IRREGULAR;
      writeAscii(sink, JSON.stringify(number));
      break;
    }
    case VALUE.string:
      scalarPlan(ScalarType.STRING).write(source, sink);
      break;
    case VALUE.bool:
      scalarPlan(ScalarType.BOOL).write(source, sink);
      break;
    case VALUE.struct:
      STRUCT_PLAN.write(source, sink);
      break;
    case VALUE.list:
      LIST_PLAN.write(source, sink);
      break;
    default:
      throw IRREGULAR;
  }
};

/** A message as a value: its writer behind its length. */
export const messagePlan = (write: MessageWriter): ValuePlan => ({
  wireType: WIRE.bytes,
  zero: undefined,
  write: (source, sink) => {
    const outer = source.end;
    source.end = readEnd(source);
    write(source, sink);
    if (source.at !== source.end) throw IRREGULAR;
    source.end = outer;
    return false;
  },
});

/** Tag of the only field of Struct and of ListValue. */
const ONLY_FIELD = 0x0a;
const VALUE_PLAN = messagePlan(writeValue);
const writeFields = entriesWriter(scalarPlan(ScalarType.STRING), VALUE_PLAN);

const writeStruct: MessageWriter = (source, sink) => {
  const start = sink.at;
  if (source.at < source.end) {
    if (readVarint32(source) !== ONLY_FIELD) throw IRREGULAR;
    writeFields(source, sink, ONLY_FIELD);
  }
  enclose(sink, start, BRACES);
};

const writeListValue: MessageWriter = (source, sink) => {
  const start = sink.at;
  if (source.at < source.end) {
    if (readVarint32(source) !== ONLY_FIELD) throw IRREGULAR;
    writeElements(source, sink, VALUE_PLAN, ONLY_FIELD);
  }
  enclose(sink, start, BRACKETS);
};

const STRUCT_PLAN = messagePlan(writeStruct);
const LIST_PLAN = messagePlan(writeListValue);

const wrapperWriter =
  ({ wireType, write, zero }: ValuePlan): MessageWriter =>
  (source, sink) => {
    if (source.at === source.end) writeAscii(sink, zero ?? "null");
    else if (readVarint32(source) !== ((1 << 3) | wireType)) throw IRREGULAR;
    else write(source, sink);
  };

/** The writer of a type with a JSON form of its own; `rare` writes those not worth one. */
export const wellKnownWriter = (desc: DescMessage, rare: MessageWriter): MessageWriter | undefined => {
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return writeTimestamp;
    case "google.protobuf.Value":
      return writeValue;
    case "google.protobuf.Struct":
      return writeStruct;
    case "google.protobuf.ListValue":
      return writeListValue;
    case "google.protobuf.Any":
    case "google.protobuf.Duration":
    case "google.protobuf.FieldMask":
      return rare;
    default:
      return isWrapperDesc(desc) ? wrapperWriter(scalarPlan(desc.fields[0].scalar)) : undefined;
  }
};
