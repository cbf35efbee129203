import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { fieldRules, type Mask, resourceRules } from "@keynode/contracts/descriptors";
import { maskedText } from "./masked-text.ts";

/** What masking looks at in one kind of message; parts that lead to nothing sensitive are not in it. */
export type MessagePlan = {
  /** The collection whose record the message is; undefined for parts of a record, and for what is around records. */
  readonly collection: string | undefined;
  readonly sensitive: readonly SensitiveField[];
  readonly inner: readonly InnerField[];
};

export type SensitiveField = {
  /** Property of the generated message. */
  readonly property: string;
  /** Its name in JSON. */
  readonly name: string;
  readonly masked: (value: unknown) => unknown;
};

export type InnerField = {
  readonly property: string;
  readonly name: string;
  readonly shape: "message" | "list" | "map";
  readonly plan: MessagePlan;
};

/** A refusal inside an answer; what it may say is up to those who refuse. */
const OPAQUE = "google.rpc.Status";

/** The plan of a message, or undefined when nothing in it is ever masked. One compiler shares plans between messages. */
export const planCompiler = (): ((message: DescMessage) => MessagePlan | undefined) => {
  const plans = new Map<DescMessage, MessagePlan>();
  const bearing = new Map<DescMessage, boolean>();

  const bears = (message: DescMessage): boolean => {
    const known = bearing.get(message);
    if (known !== undefined) return known;
    const found = reachable(message).some((each) => each.fields.some((field) => fieldRules(field).sensitive));
    bearing.set(message, found);
    return found;
  };

  const compile = (message: DescMessage): MessagePlan => {
    const known = plans.get(message);
    if (known !== undefined) return known;
    const sensitive: SensitiveField[] = [];
    const inner: InnerField[] = [];
    const plan = { collection: resourceRules(message)?.collection, sensitive, inner };
    plans.set(message, plan);
    for (const field of message.fields) {
      const { localName: property, jsonName: name } = field;
      const { sensitive: isSensitive, mask } = fieldRules(field);
      if (isSensitive && mask !== undefined) sensitive.push({ property, name, masked: masker(field, mask) });
      else if (field.message !== undefined && bears(field.message)) {
        inner.push({ property, name, shape: shapeOf(field), plan: compile(field.message) });
      }
    }
    return plan;
  };

  return (message) => (bears(message) ? compile(message) : undefined);
};

/** The collections whose records a message can hold; those of `outside` stand for what belongs to no record. */
export const collectionsIn = (plan: MessagePlan, outside: string): ReadonlySet<string> => {
  const collections = new Set<string>();
  const seen = new Set<string>();
  const ids = new Map<MessagePlan, number>();
  const visit = (each: MessagePlan, around: string): void => {
    const collection = each.collection ?? around;
    if (!ids.has(each)) ids.set(each, ids.size);
    const place = `${ids.get(each)} ${collection}`;
    if (seen.has(place)) return;
    seen.add(place);
    if (each.sensitive.length > 0) collections.add(collection);
    for (const { plan: below } of each.inner) visit(below, collection);
  };
  visit(plan, outside);
  return collections;
};

const reachable = (message: DescMessage, seen: Set<DescMessage> = new Set()): readonly DescMessage[] => {
  if (seen.has(message) || message.typeName === OPAQUE) return [];
  seen.add(message);
  return [message, ...message.fields.flatMap((field) => (field.message ? reachable(field.message, seen) : []))];
};

const shapeOf = ({ fieldKind }: DescField): InnerField["shape"] =>
  fieldKind === "list" || fieldKind === "map" ? fieldKind : "message";

const masker = (field: DescField, mask: Mask): ((value: unknown) => unknown) => {
  if (mask === "HIDDEN" || mask === "SECRET") {
    const value = nothing(field);
    return () => value;
  }
  const one = (value: unknown): unknown => (typeof value === "string" ? maskedText(mask, value) : undefined);
  return field.fieldKind === "list" ? (values) => (Array.isArray(values) ? values.map(one) : []) : one;
};

/** The value of a field that was never set, as the generated messages have it. Throws for one that would look like a value. */
const nothing = (field: DescField): unknown => {
  if (field.fieldKind === "list") return [];
  if (field.fieldKind === "map") return {};
  if (field.fieldKind === "message" || field.presence === FeatureSet_FieldPresence.EXPLICIT) return undefined;
  if (field.scalar === ScalarType.STRING) return "";
  if (field.scalar === ScalarType.BYTES) return Buffer.alloc(0);
  throw new Error(`${field.parent.typeName}.${field.name} cannot be left out: make it optional`);
};
