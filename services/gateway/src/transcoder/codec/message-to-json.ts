import { isUtf8 } from "node:buffer";
import {
  type DescField,
  type DescMessage,
  fromBinary,
  type JsonValue,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";
import { AnySchema, FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { createSink, type Sink, type Source, sourceOf, take } from "./bytes.ts";
import { BRACES, enclose, type FieldWriter, listWriter, mapWriter, singularWriter } from "./containers-to-json.ts";
import { writeAscii, writeBytes } from "./json-sink.ts";
import { enumPlan, scalarPlan, type ValuePlan } from "./scalar-to-json.ts";
import { type MessageWriter, messagePlan, wellKnownWriter } from "./well-known-to-json.ts";
import { IRREGULAR, readVarint32, skipValue } from "./wire-reader.ts";

/** Protobuf bytes of one message type → proto3 JSON in UTF-8. Throws when the bytes are damaged. */
export type JsonRenderer = (wire: Buffer) => Buffer;

/** Compiles renderers from descriptors, each message type once. */
export type JsonRenderers = {
  /** Unset fields are left out, as proto3 JSON has it; `emptyLists` keeps the lists at the top: `{"leads":[]}`. */
  readonly message: (desc: DescMessage, options?: { readonly emptyLists?: boolean }) => JsonRenderer;
  /** The value of one field alone, its default when it is not set: a `response_body`, or the rows of a list. */
  readonly field: (field: DescField) => JsonRenderer;
};

type FieldPlan = {
  readonly write: FieldWriter;
  /** Which of two masks of seen fields holds the field's bit, and the bit. */
  readonly isHigh: boolean;
  readonly bit: number;
  /** Bit of the field's oneof, 0 outside of one. */
  readonly oneofBit: number;
  /** What a list at the top is when it is empty. */
  readonly emptyList: string | undefined;
};

/** By field number. */
type FieldPlans = readonly (FieldPlan | undefined)[];

/** As many as the two masks hold; larger messages go the slow way. */
const MAX_FIELDS = 64;

/**
 * Renders straight from wire bytes to JSON text, without objects in between. What is not in the
 * plain form that generated encoders write goes through the reference library instead, so both
 * ways answer the same.
 */
export const createJsonRenderers = (registry: Registry): JsonRenderers => {
  const sink = createSink();
  const writers = new Map<DescMessage, MessageWriter>();
  const allPlans = new Map<DescMessage, FieldPlans>();

  const writerOf = (desc: DescMessage): MessageWriter => {
    const known = writers.get(desc);
    if (known) return known;
    const slow = referenceWriter(desc);
    const writer = wellKnownWriter(desc, slow) ?? (desc.fields.length > MAX_FIELDS ? slow : plainWriter(desc, false));
    writers.set(desc, writer);
    return writer;
  };

  const plansOf = (desc: DescMessage): FieldPlans => {
    const known = allPlans.get(desc);
    if (known) return known;
    const plans: (FieldPlan | undefined)[] = [];
    allPlans.set(desc, plans);
    for (const [index, field] of desc.fields.entries()) {
      const name = `,${JSON.stringify(field.jsonName)}:`;
      plans[field.number] = {
        write: fieldWriter(field, Buffer.from(name)),
        isHigh: index >= 32,
        bit: 1 << (index & 31),
        oneofBit: field.oneof ? 1 << (desc.oneofs.indexOf(field.oneof) & 31) : 0,
        emptyList: field.fieldKind === "list" ? `${name}[]` : undefined,
      };
    }
    return plans;
  };

  const plainWriter = (desc: DescMessage, emptyLists: boolean): MessageWriter => {
    let compiled: FieldPlans | undefined;
    return (source, out) => {
      const plans = (compiled ??= plansOf(desc));
      const start = out.at;
      let seen = 0;
      let seenHigh = 0;
      let seenOneofs = 0;
      while (source.at < source.end) {
        const tag = readVarint32(source);
        const plan = plans[tag >>> 3];
        if (plan === undefined) {
          skipValue(source, tag & 7);
          continue;
        }
        const isAgain = ((plan.isHigh ? seenHigh : seen) & plan.bit) !== 0 || (seenOneofs & plan.oneofBit) !== 0;
        if (isAgain) throw IRREGULAR;
        if (plan.isHigh) seenHigh |= plan.bit;
        else seen |= plan.bit;
        seenOneofs |= plan.oneofBit;
        plan.write(source, out, tag);
      }
      if (emptyLists) {
        for (const plan of plans) {
          const isMissing = plan !== undefined && ((plan.isHigh ? seenHigh : seen) & plan.bit) === 0;
          if (isMissing && plan.emptyList !== undefined) writeAscii(out, plan.emptyList);
        }
      }
      enclose(out, start, BRACES);
    };
  };

  const fieldWriter = (field: DescField, name: Uint8Array): FieldWriter => {
    const value = valuePlan(field);
    switch (field.fieldKind) {
      case "list":
        return listWriter(name, value);
      case "map":
        return mapWriter(name, scalarPlan(field.mapKey), value);
      default:
        return singularWriter(name, value, field.presence === FeatureSet_FieldPresence.IMPLICIT);
    }
  };

  /** Of the field's value, of a list's elements, of a map's values. */
  const valuePlan = (field: DescField): ValuePlan => {
    if (field.scalar !== undefined) return scalarPlan(field.scalar);
    if (field.enum) return enumPlan(field.enum);
    // Looked up at the first value and not before: a message may contain itself.
    const { message } = field;
    let write: MessageWriter | undefined;
    return messagePlan((source, out) => (write ??= writerOf(message))(source, out));
  };

  const referenceWriter =
    (desc: DescMessage): MessageWriter =>
    (source, out) => {
      const json = referenceJson(desc, source.bytes.subarray(source.at, source.end));
      writeBytes(out, Buffer.from(JSON.stringify(json)));
      source.at = source.end;
    };

  const referenceJson = (desc: DescMessage, wire: Uint8Array): JsonValue => {
    if (desc.typeName === AnySchema.typeName) {
      const { typeUrl, value } = fromBinary(AnySchema, wire);
      const isKnown = registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1)) !== undefined;
      if (typeUrl !== "" && !isKnown) return { "@type": typeUrl, value: Buffer.from(value).toString("base64") };
    }
    return toJson(desc, fromBinary(desc, wire), { registry });
  };

  /** Runs the quick way, and where that gives up, or the text is no UTF-8, the reference. */
  const render = (wire: Buffer, quick: (source: Source, out: Sink) => void, reference: () => JsonValue): Buffer => {
    sink.at = 0;
    try {
      const source = sourceOf(wire);
      quick(source, sink);
      if (source.at !== source.end) throw IRREGULAR;
    } catch (cause) {
      if (cause !== IRREGULAR) throw cause;
      return Buffer.from(JSON.stringify(reference()));
    }
    return isUtf8(sink.bytes.subarray(0, sink.at)) ? take(sink) : Buffer.from(JSON.stringify(reference()));
  };

  const message: JsonRenderers["message"] = (desc, { emptyLists = false } = {}) => {
    const write = emptyLists && desc.fields.length <= MAX_FIELDS ? plainWriter(desc, true) : writerOf(desc);
    const lists = emptyLists ? desc.fields.filter((field) => field.fieldKind === "list") : [];
    return (wire) =>
      render(wire, write, () => {
        const json = referenceJson(desc, wire);
        if (!isJsonObject(json)) return json;
        return { ...Object.fromEntries(lists.map((list) => [list.jsonName, []])), ...json };
      });
  };

  const field: JsonRenderers["field"] = (only) => {
    const write = fieldWriter(only, Buffer.alloc(0));
    return (wire) =>
      render(
        wire,
        (source, out) => {
          let isSeen = false;
          while (source.at < wire.length) {
            const tag = readVarint32(source);
            if (tag >>> 3 !== only.number) {
              skipValue(source, tag & 7);
              continue;
            }
            if (isSeen) throw IRREGULAR;
            isSeen = true;
            write(source, out, tag);
          }
          // Absent, or a default that implicit presence left out.
          if (out.at === 0) throw IRREGULAR;
        },
        () => {
          const parent = fromBinary(only.parent, wire);
          const set = toJson(only.parent, parent, { registry });
          const all = toJson(only.parent, parent, { registry, alwaysEmitImplicit: true });
          return { ...(isJsonObject(all) ? all : {}), ...(isJsonObject(set) ? set : {}) }[only.jsonName] ?? {};
        },
      );
  };

  return { message, field };
};

const isJsonObject = (json: JsonValue): json is Record<string, JsonValue> =>
  typeof json === "object" && json !== null && !Array.isArray(json);
