import { type DescMessage, fromJson, type JsonValue, type Registry, toBinary } from "@bufbuild/protobuf";
import { protoSnakeCase } from "@bufbuild/protobuf/reflect";
import { AnySchema, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { reserve, type Sink, WIRE } from "./bytes.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./json-text.ts";
import { type JsonPlan, type Notes, scalarJsonPlan } from "./scalar-to-wire.ts";
import { parseDuration, parseTimestamp } from "./timestamp.ts";
import { beginNested, endNested, writeDouble, writeText, writeVarint32, writeVarint64 } from "./wire-writer.ts";

/** Writes the fields of a message, without its length, or notes what is wrong with them. */
export type FieldsWriter = (json: Json, sink: Sink, notes: Notes) => void;

/** A message as a value: its fields behind their length. */
export const messageJsonPlan = (write: FieldsWriter, takesNull: boolean): JsonPlan => ({
  wireType: WIRE.bytes,
  takesNull,
  write: (json, sink, notes) => {
    const start = beginNested(sink);
    write(json, sink, notes);
    endNested(sink, start);
    return false;
  },
});

/** Members of an object in one order, whatever order they came in: equal requests are equal bytes. */
export const sortedEntries = (object: JsonObject): (readonly [string, Json])[] =>
  [...object].sort(([a], [b]) => (a < b ? -1 : 1));

/** Timestamp and Duration: seconds = 1, nanos = 2. */
const momentWriter =
  (
    parse: (text: string) => { seconds: number; nanos: number } | undefined,
    code: "EXPECTED_TIMESTAMP" | "EXPECTED_DURATION",
  ): FieldsWriter =>
  (json, sink, notes) => {
    const moment = typeof json === "string" ? parse(json) : undefined;
    if (moment === undefined) {
      notes.note(code);
      return;
    }
    for (const [tag, value] of [[0x08, moment.seconds] as const, [0x10, moment.nanos] as const]) {
      if (value === 0) continue;
      writeVarint32(sink, tag);
      writeVarint64(sink, BigInt(value));
    }
  };

const MASK_PATH = /^(?:\*|[a-z][A-Za-z\d]*(?:\.(?:\*|[a-z][A-Za-z\d]*))*)$/;

const writeFieldMask: FieldsWriter = (json, sink, notes) => {
  const paths = typeof json === "string" ? json.split(",").filter((path) => path !== "") : undefined;
  if (paths === undefined || !paths.every((path) => MASK_PATH.test(path))) {
    notes.note("EXPECTED_FIELD_MASK");
    return;
  }
  for (const path of paths) {
    writeVarint32(sink, 0x0a);
    writeText(sink, protoSnakeCase(path));
  }
};

const writeStruct: FieldsWriter = (json, sink, notes) => {
  if (!isJsonObject(json)) {
    notes.note("EXPECTED_OBJECT");
    return;
  }
  for (const [key, value] of sortedEntries(json)) {
    writeVarint32(sink, 0x0a);
    const entry = beginNested(sink);
    writeVarint32(sink, 0x0a);
    writeText(sink, key);
    writeVarint32(sink, 0x12);
    notes.path.push(key);
    VALUE_PLAN.write(value, sink, notes);
    notes.path.pop();
    endNested(sink, entry);
  }
};

const writeListValue: FieldsWriter = (json, sink, notes) => {
  if (!isJsonArray(json)) {
    notes.note("EXPECTED_ARRAY");
    return;
  }
  for (const [index, value] of json.entries()) {
    writeVarint32(sink, 0x0a);
    notes.path.push(index);
    VALUE_PLAN.write(value, sink, notes);
    notes.path.pop();
  }
};

const writeValue: FieldsWriter = (json, sink, notes) => {
  if (json === null) {
    writeVarint32(sink, 0x08);
    writeVarint32(sink, 0);
  } else if (typeof json === "boolean") {
    writeVarint32(sink, 0x20);
    writeVarint32(sink, json ? 1 : 0);
  } else if (typeof json === "string") {
    writeVarint32(sink, 0x1a);
    writeText(sink, json);
  } else if (typeof json === "number" || typeof json === "bigint") {
    const value = Number(json);
    if (!Number.isFinite(value)) notes.note("OUT_OF_RANGE");
    writeVarint32(sink, 0x11);
    writeDouble(sink, value);
  } else {
    const isObject = isJsonObject(json);
    writeVarint32(sink, isObject ? 0x2a : 0x32);
    const start = beginNested(sink);
    (isObject ? writeStruct : writeListValue)(json, sink, notes);
    endNested(sink, start);
  }
};

const VALUE_PLAN = messageJsonPlan(writeValue, true);

const wrapperWriter =
  ({ wireType, write }: JsonPlan): FieldsWriter =>
  (json, sink, notes) => {
    const before = sink.at;
    writeVarint32(sink, (1 << 3) | wireType);
    if (write(json, sink, notes)) sink.at = before;
  };

/** Any may hold whatever message the contracts know; rare in requests, so the reference library reads it. */
const anyWriter =
  (registry: Registry): FieldsWriter =>
  (json, sink, notes) => {
    try {
      const wire = toBinary(AnySchema, fromJson(AnySchema, plainJson(json), { registry }));
      reserve(sink, wire.length);
      sink.bytes.set(wire, sink.at);
      sink.at += wire.length;
    } catch {
      notes.note("EXPECTED_ANY");
    }
  };

/** As JSON.parse would have it. */
const plainJson = (json: Json): JsonValue => {
  if (typeof json === "bigint") return String(json);
  if (isJsonArray(json)) return json.map(plainJson);
  if (isJsonObject(json)) return Object.fromEntries([...json].map(([key, value]) => [key, plainJson(value)]));
  return json;
};

/** The writer of a type with a JSON form of its own. */
export const wellKnownFieldsWriter = (desc: DescMessage, registry: Registry): FieldsWriter | undefined => {
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return momentWriter(parseTimestamp, "EXPECTED_TIMESTAMP");
    case "google.protobuf.Duration":
      return momentWriter(parseDuration, "EXPECTED_DURATION");
    case "google.protobuf.FieldMask":
      return writeFieldMask;
    case "google.protobuf.Struct":
      return writeStruct;
    case "google.protobuf.Value":
      return writeValue;
    case "google.protobuf.ListValue":
      return writeListValue;
    case "google.protobuf.Any":
      return anyWriter(registry);
    default:
      return isWrapperDesc(desc) ? wrapperWriter(scalarJsonPlan(desc.fields[0].scalar)) : undefined;
  }
};
