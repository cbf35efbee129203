import type { DescField, DescMessage, DescOneof, Registry } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { MAX_VIOLATIONS, type Violation } from "../../violation.ts";
import { createSink, type Sink, take, WIRE } from "./bytes.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./json-text.ts";
import { enumJsonPlan, type JsonPlan, mapKeyOf, type Notes, scalarJsonPlan } from "./scalar-to-wire.ts";
import { type FieldsWriter, messageJsonPlan, sortedEntries, wellKnownFieldsWriter } from "./well-known-to-wire.ts";
import { beginNested, endNested, writeVarint32 } from "./wire-writer.ts";

/** JSON of one message type → protobuf bytes, or everything that is wrong with it (docs/adr/0011). */
export type WireWriter = (json: Json) => Buffer | readonly Violation[];

type FieldPlan = {
  readonly field: DescField;
  /** Writes tag and value. */
  readonly write: (json: Json, sink: Sink, notes: Notes) => void;
  readonly takesNull: boolean;
};

/**
 * Compiles writers from descriptors, each message type once. Fields are written by number and map
 * entries by key, so that equal requests are equal bytes: their digest tells repeats apart.
 */
export const createWireWriters = (registry: Registry): ((desc: DescMessage) => WireWriter) => {
  const sink = createSink();
  const writers = new Map<DescMessage, FieldsWriter>();

  const writerOf = (desc: DescMessage): FieldsWriter => {
    const known = writers.get(desc);
    if (known) return known;
    const writer = wellKnownFieldsWriter(desc, registry) ?? plainWriter(desc);
    writers.set(desc, writer);
    return writer;
  };

  const plainWriter = (desc: DescMessage): FieldsWriter => {
    let compiled: readonly FieldPlan[] | undefined;
    return (json, out, notes) => {
      if (!isJsonObject(json)) {
        notes.note("EXPECTED_OBJECT");
        return;
      }
      // Compiled at the first value and not before: a message may contain itself.
      compiled ??= desc.fields.toSorted((a, b) => a.number - b.number).map(fieldPlan);
      writeMembers(compiled, json, out, notes);
    };
  };

  const fieldPlan = (field: DescField): FieldPlan => {
    const value = valuePlan(field);
    switch (field.fieldKind) {
      case "list":
        return { field, takesNull: false, write: listWriter(field.number, value, field.packed) };
      case "map":
        return { field, takesNull: false, write: mapWriter(field, scalarJsonPlan(field.mapKey), value) };
      default: {
        const isImplicit = field.presence === FeatureSet_FieldPresence.IMPLICIT;
        return { field, takesNull: value.takesNull, write: singularWriter(field.number, value, isImplicit) };
      }
    }
  };

  /** Of the field's value, of a list's elements, of a map's values. */
  const valuePlan = (field: DescField): JsonPlan => {
    if (field.scalar !== undefined) return scalarJsonPlan(field.scalar);
    if (field.enum) return enumJsonPlan(field.enum);
    const { message } = field;
    let write: FieldsWriter | undefined;
    return messageJsonPlan(
      (json, out, notes) => (write ??= writerOf(message))(json, out, notes),
      message.typeName === "google.protobuf.Value",
    );
  };

  return (desc) => {
    const write = writerOf(desc);
    return (json) => {
      const violations: Violation[] = [];
      const path: (string | number)[] = [];
      sink.at = 0;
      write(json, sink, {
        path,
        note: (code, params) => {
          if (violations.length < MAX_VIOLATIONS) violations.push({ path: [...path], code, ...(params && { params }) });
        },
      });
      return violations.length > 0 ? violations : take(sink);
    };
  };
};

const writeMembers = (plans: readonly FieldPlan[], json: JsonObject, sink: Sink, notes: Notes): void => {
  let found = 0;
  let oneofs: Map<DescOneof, DescField> | undefined;
  for (const { field, write, takesNull } of plans) {
    const { jsonName, name } = field;
    const byJsonName = json.get(jsonName);
    const byName = name === jsonName ? undefined : json.get(name);
    if (byJsonName !== undefined) found++;
    if (byName !== undefined) found++;
    if (byJsonName !== undefined && byName !== undefined) noteAt(notes, name, "DUPLICATE_FIELD");
    const key = byJsonName === undefined ? name : jsonName;
    const value = byJsonName === undefined ? byName : byJsonName;
    if (value === undefined) continue;
    if (value === null && !takesNull) {
      noteAt(notes, key, "NULL_NOT_ALLOWED");
      continue;
    }
    if (field.oneof) {
      oneofs ??= new Map();
      const before = oneofs.get(field.oneof);
      if (before) noteAt(notes, key, "ONEOF_CONFLICT", { fields: `${before.jsonName}, ${jsonName}` });
      else oneofs.set(field.oneof, field);
    }
    notes.path.push(key);
    write(value, sink, notes);
    notes.path.pop();
  }
  if (found === json.size) return;
  for (const key of json.keys()) {
    if (!plans.some(({ field }) => field.jsonName === key || field.name === key)) noteAt(notes, key, "UNKNOWN_FIELD");
  }
};

const noteAt = (notes: Notes, key: string, ...[code, params]: Parameters<Notes["note"]>): void => {
  notes.path.push(key);
  notes.note(code, params);
  notes.path.pop();
};

const singularWriter = (number: number, { wireType, write }: JsonPlan, isImplicit: boolean): FieldPlan["write"] => {
  const tag = (number << 3) | wireType;
  return (json, sink, notes) => {
    const before = sink.at;
    writeVarint32(sink, tag);
    const isDefault = write(json, sink, notes);
    if (isDefault && isImplicit) sink.at = before;
  };
};

const listWriter = (number: number, element: JsonPlan, isPacked: boolean): FieldPlan["write"] => {
  const tag = (number << 3) | (isPacked ? WIRE.bytes : element.wireType);
  return (json, sink, notes) => {
    if (!isJsonArray(json)) {
      notes.note("EXPECTED_ARRAY");
      return;
    }
    if (json.length === 0) return;
    if (isPacked) writeVarint32(sink, tag);
    const start = isPacked ? beginNested(sink) : 0;
    for (const [index, item] of json.entries()) {
      notes.path.push(index);
      if (item === null && !element.takesNull) notes.note("NULL_NOT_ALLOWED");
      else {
        if (!isPacked) writeVarint32(sink, tag);
        element.write(item, sink, notes);
      }
      notes.path.pop();
    }
    if (isPacked) endNested(sink, start);
  };
};

const mapWriter = (field: DescField & { fieldKind: "map" }, key: JsonPlan, value: JsonPlan): FieldPlan["write"] => {
  const tag = (field.number << 3) | WIRE.bytes;
  const keyTag = (1 << 3) | key.wireType;
  const valueTag = (2 << 3) | value.wireType;
  return (json, sink, notes) => {
    if (!isJsonObject(json)) {
      notes.note("EXPECTED_OBJECT");
      return;
    }
    const seen = new Set<Json>();
    for (const [text, item] of sortedEntries(json)) {
      notes.path.push(text);
      const mapKey = mapKeyOf(field.mapKey, text);
      if (mapKey !== undefined && seen.has(mapKey)) notes.note("DUPLICATE_FIELD");
      if (mapKey !== undefined) seen.add(mapKey);
      writeVarint32(sink, tag);
      const start = beginNested(sink);
      writeVarint32(sink, keyTag);
      // A text that is no such key is noted as the key's type would note it.
      key.write(mapKey ?? text, sink, notes);
      writeVarint32(sink, valueTag);
      if (item === null && !value.takesNull) notes.note("NULL_NOT_ALLOWED");
      else value.write(item, sink, notes);
      endNested(sink, start);
      notes.path.pop();
    }
  };
};
