import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { MaskRules } from "@keynode/auth/mask-rules";
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
  /** The value as the tenant's rules have it, without any as the platform's do. */
  readonly masked: (value: unknown, rules: MaskRules | undefined) => unknown;
  /** Nobody has a right to it. */
  readonly isSecret: boolean;
};

export type InnerField = {
  readonly property: string;
  readonly name: string;
  readonly shape: "message" | "list" | "map";
  readonly plan: MessagePlan;
};

/** A refusal inside an answer; what it may say is up to those who refuse. */
const OPAQUE = "google.rpc.Status";

/** The plan of a message, or undefined when nothing in it is ever masked. */
export type PlanOf = (message: DescMessage) => MessagePlan | undefined;

/** One compiler shares plans between messages. `handsOut` says that secrets are what the answer is for. */
export const planCompiler = ({ handsOut = false } = {}): PlanOf => {
  const plans = new Map<DescMessage, MessagePlan>();
  const bearing = new Map<DescMessage, boolean>();

  const maskOf = (field: DescField): Mask | undefined => {
    const { sensitive, mask } = fieldRules(field);
    return sensitive && !(handsOut && mask === "SECRET") ? mask : undefined;
  };

  const bears = (message: DescMessage): boolean => {
    const known = bearing.get(message);
    if (known !== undefined) return known;
    const found = reachable(message).some((each) => each.fields.some((field) => maskOf(field) !== undefined));
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
      const mask = maskOf(field);
      if (mask !== undefined)
        sensitive.push({ property, name, masked: masker(field, mask), isSecret: mask === "SECRET" });
      else if (field.message !== undefined && bears(field.message)) {
        inner.push({ property, name, shape: shapeOf(field), plan: compile(field.message) });
      }
    }
    return plan;
  };

  return (message) => (bears(message) ? compile(message) : undefined);
};

/** What a message can hold: records of which collections, and secrets. */
export type Survey = { readonly collections: ReadonlySet<string>; readonly secrets: boolean };

/** Looks through a plan; values that belong to no record stand under `outside`. */
export const survey = (plan: MessagePlan, outside: string): Survey => {
  const collections = new Set<string>();
  const visited = new Map<MessagePlan, Set<string>>();
  let secrets = false;
  const visit = (each: MessagePlan, around: string): void => {
    const collection = each.collection ?? around;
    const places = visited.get(each) ?? new Set<string>();
    if (places.has(collection)) return;
    visited.set(each, places.add(collection));
    if (each.sensitive.length > 0) collections.add(collection);
    if (each.sensitive.some(({ isSecret }) => isSecret)) secrets = true;
    for (const { plan: below } of each.inner) visit(below, collection);
  };
  visit(plan, outside);
  return { collections, secrets };
};

const reachable = (message: DescMessage, seen: Set<DescMessage> = new Set()): readonly DescMessage[] => {
  if (seen.has(message) || message.typeName === OPAQUE) return [];
  seen.add(message);
  return [message, ...message.fields.flatMap((field) => (field.message ? reachable(field.message, seen) : []))];
};

const shapeOf = ({ fieldKind }: DescField): InnerField["shape"] =>
  fieldKind === "list" || fieldKind === "map" ? fieldKind : "message";

const masker = (field: DescField, mask: Mask): SensitiveField["masked"] => {
  if (mask === "HIDDEN" || mask === "SECRET") {
    const value = nothing(field);
    return () => value;
  }
  const one = (value: unknown, rules: MaskRules | undefined): unknown =>
    typeof value === "string" ? maskedText(mask, value, rules) : undefined;
  return field.fieldKind === "list"
    ? (values, rules) => (Array.isArray(values) ? values.map((value) => one(value, rules)) : [])
    : one;
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
