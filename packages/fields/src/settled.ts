import { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { FieldSet } from "./field-set.ts";
import type { Values } from "./given-values.ts";
import { stagesIn } from "./holders.ts";
import { kindOf } from "./kinds.ts";
import { type Keys, keysOf } from "./tokens.ts";

/** The most that the values of one record may take, encoded. */
const maxBytes = 64 * 1024;

/** A record with its values and what lists find them by. */
export type Valued = Keys & { customFields?: Values };

/** What a commit has to do with the rules on values. */
export type Commit = {
  /** Whether somebody asks for it: what follows from a fact that has happened is not refused for want of a value. */
  readonly isAsked: boolean;
  /** Where the record stands in the request that made it, `lead.`; empty for one that was there. */
  readonly place: string;
};

/**
 * The state that a commit leaves, its values without the cleared ones and its keys worked out anew. A commit may not
 * enter a stage that a field is required from without a value, a new record no more than another, nor take away a value
 * that is required.
 * Errors: INVALID_REQUEST naming every value that is missing; CUSTOM_FIELDS_TOO_LARGE.
 */
export const settled = <State extends object>(
  set: FieldSet,
  before: State | undefined,
  after: State,
  { isAsked, place }: Commit,
): State | DomainError => {
  const given = (after as Valued).customFields;
  if (given === undefined || (set.fields.size === 0 && isEmpty(given))) return after;
  const values = keptValues(given);
  const missing = isAsked ? missingIn(set, before, after, values) : [];
  if (missing.length > 0) {
    const reason = "CUSTOM_FIELD_REQUIRED";
    return reject(
      "INVALID_REQUEST",
      {},
      missing.map((key) => ({ field: `${place}custom_fields.${key}`, reason })),
    );
  }
  if (before !== undefined && (before as Valued).customFields === given) return after;
  if (sizeOf(values) > maxBytes) return reject("CUSTOM_FIELDS_TOO_LARGE");
  return { ...after, customKeys: undefined, customSort: undefined, customFields: values, ...keysOf(set, values) };
};

const isEmpty = (values: Values): boolean => Object.keys(values).length === 0;

const keptValues = (values: Values): Record<string, CustomValue> =>
  Object.fromEntries(
    Object.entries(values as Readonly<Record<string, CustomValue | undefined>>).filter(
      (entry): entry is [string, CustomValue] => entry[1] !== undefined && kindOf(entry[1]) !== undefined,
    ),
  );

const missingIn = (set: FieldSet, before: object | undefined, after: object, values: Values): readonly string[] => {
  const had = (before as Valued | undefined)?.customFields ?? {};
  const [stages, stagesBefore] = [stagesIn(after), before === undefined ? [] : stagesIn(before)];
  return [...set.fields.values()].flatMap(({ key, kind, retireTime, required, requiredFrom }) => {
    if (kind === "FORMULA" || retireTime !== undefined || Object.hasOwn(values, key)) return [];
    const isTaken = Object.hasOwn(had, key);
    const needed = requiredFrom.filter((stage) => stages.includes(stage));
    const enters = needed.some((stage) => !stagesBefore.includes(stage));
    return (isTaken && (required || needed.length > 0)) || enters ? [key] : [];
  });
};

const sizeOf = (values: Values): number =>
  Object.values(values).reduce((total, value) => total + CustomValue.encode(value).finish().length, 0);
