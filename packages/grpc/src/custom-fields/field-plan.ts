import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { resourceRules } from "@keynode/contracts/descriptors";
import { customFieldsOf } from "@keynode/fields/holders";
import { withOwnership } from "../masking/record-ownership.ts";

/** Where records with custom fields stand in one kind of message. */
export type FieldPlan = {
  /** The collection whose record the message is, where its records take custom fields. */
  readonly collection: string | undefined;
  readonly inner: readonly {
    readonly property: string;
    readonly isMany: boolean;
    readonly plan: FieldPlan;
  }[];
};

/** The plan of a message; undefined where it leads to no record that takes custom fields. */
export const fieldPlanOf = (message: DescMessage): FieldPlan | undefined => {
  const plans = new Map<DescMessage, FieldPlan>();
  const leads = (each: DescMessage, seen: Set<DescMessage>): boolean => {
    if (customFieldsOf(each) !== undefined) return true;
    if (seen.has(each)) return false;
    seen.add(each);
    return each.fields.some((field) => isFollowed(field) && leads(field.message, seen));
  };
  const compile = (each: DescMessage): FieldPlan => {
    const known = plans.get(each);
    if (known !== undefined) return known;
    const inner: FieldPlan["inner"][number][] = [];
    const collection = customFieldsOf(each) === undefined ? undefined : resourceRules(each)?.collection;
    const plan = { collection, inner };
    plans.set(each, plan);
    for (const field of each.fields) {
      if (!isFollowed(field) || !leads(field.message, new Set())) continue;
      inner.push({ property: field.localName, isMany: field.fieldKind === "list", plan: compile(field.message) });
    }
    return plan;
  };
  return leads(message, new Set()) ? compile(message) : undefined;
};

const isFollowed = (field: DescField): field is DescField & { readonly message: DescMessage } =>
  (field.fieldKind === "message" || field.fieldKind === "list") && field.message !== undefined;

/** The collections whose records a plan leads to. */
export const collectionsIn = (plan: FieldPlan, seen: Set<FieldPlan> = new Set()): ReadonlySet<string> => {
  if (seen.has(plan)) return new Set();
  seen.add(plan);
  const below = plan.inner.map((each) => collectionsIn(each.plan, seen));
  return new Set([...(plan.collection === undefined ? [] : [plan.collection]), ...below.flatMap((each) => [...each])]);
};

/** What a record's values become. */
export type EachRecord = (record: object, values: object, collection: string) => object;

/** A message with the values of each record in it replaced; the message stays as it is where none changes. */
export const withEachRecord = (message: object, plan: FieldPlan, each: EachRecord): object => {
  const given = message as Readonly<Record<string, unknown>>;
  let changed: Record<string, unknown> | undefined;
  const change = (property: string, before: unknown, after: unknown): void => {
    if (before === after) return;
    changed ??= { ...given };
    changed[property] = after;
  };
  if (plan.collection !== undefined) {
    const values = (given["customFields"] ?? {}) as object;
    change("customFields", values, each(message, values, plan.collection));
  }
  for (const { property, isMany, plan: inner } of plan.inner) {
    const value = given[property];
    if (value === undefined || value === null) continue;
    if (!isMany) change(property, value, withEachRecord(value as object, inner, each));
    else {
      const parts = value as readonly object[];
      const shown = parts.map((part) => withEachRecord(part, inner, each));
      change(property, value, shown.some((part, index) => part !== parts[index]) ? shown : value);
    }
  }
  if (changed === undefined) return message;
  // Whose the record is must be known of what is shown of it, too.
  return plan.collection === undefined ? changed : withOwnership(changed, message);
};
