import { isServiceActor } from "@keynode/auth/principal";
import type { FieldSet, FieldSource } from "@keynode/fields/field-set";
import type { Values } from "@keynode/fields/given-values";
import { isSensitive, isShown, type Onlooker, shownValues } from "@keynode/fields/shown-values";
import type { Call } from "../call.ts";
import { isPart, ownershipOf } from "../masking/record-ownership.ts";
import { type Sight, sightOf } from "../masking/sight.ts";
import { collectionsIn, type EachRecord, type FieldPlan, withEachRecord } from "./field-plan.ts";

/** Who asks. */
type Viewer = Pick<Call, "tenant" | "principal" | "within" | "actor">;

/** Shows the custom values in one kind of message to a caller: a copy where anything changes. */
export type ShownFields = (message: object, call: Viewer) => Promise<object>;

type Show = (set: FieldSet, record: object, values: object, onlooker: Onlooker) => object;

/** What plans lead to: a method's is made once, and asked at every call. */
const surveyed = new WeakMap<FieldPlan, ReadonlySet<string>>();

const showing =
  (plan: FieldPlan, source: FieldSource, show: Show): ShownFields =>
  async (message, call) => {
    // What services read for one another is told as it is kept.
    if (isServiceActor(call.actor)) return message;
    const collections = surveyed.get(plan) ?? collectionsIn(plan);
    surveyed.set(plan, collections);
    const sets = new Map<string, FieldSet>();
    for (const collection of collections) sets.set(collection, await source.of(call.tenant, collection));
    let sight: Sight | undefined;
    const each: EachRecord = (record, values, collection) => {
      const set = sets.get(collection);
      // Records keep the values of deleted fields, which are nobody's to see any more.
      if (set === undefined || set.fields.size === 0) return isEmpty(values) ? values : {};
      sight ??= sightOf(call, collections);
      const seesSensitive = sight.reaches(collection, ownershipOf(record));
      return show(set, record, values, { roles: call.principal.roles, isService: false, seesSensitive });
    };
    return withEachRecord(message, plan, each);
  };

const isEmpty = (values: object): boolean => {
  for (const _key in values) return false;
  return true;
};

/** Of answers: values of the kinds that their fields have now, formulas, and nothing that is not the caller's to see. */
export const fieldsOfAnswers = (plan: FieldPlan, source: FieldSource): ShownFields =>
  showing(plan, source, (set, record, values, onlooker) =>
    shownValues(set, record, values as Values, onlooker, !isPart(record)),
  );

/** Of events, which tell what was written: the values as they were, but for those that are not the caller's to see. */
export const fieldsOfEvents = (plan: FieldPlan, source: FieldSource): ShownFields =>
  showing(plan, source, ({ fields }, _record, values, onlooker) =>
    Object.fromEntries(
      Object.entries(values).filter(([key]) => {
        const field = fields.get(key);
        return field !== undefined && isShown(field, onlooker) && (onlooker.seesSensitive || !isSensitive(field));
      }),
    ),
  );
