import type { DescField, DescMethod } from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { grantedScope, type Grants, isServiceActor, type Principal } from "@keynode/auth/principal";
import { fieldBehavior, fieldRules, type MethodRules, type ReferenceRules } from "@keynode/contracts/descriptors";
import { readPermission, recordTypeOf, recordTypes } from "@keynode/contracts/record-types";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { type Brought, broughtBy, heldAt, type MarkedFields, markedFields } from "./brought.ts";

/**
 * Tells which of some records a principal may read; those that are not there are left out alike. Errors:
 * UPSTREAM_UNAVAILABLE while nobody can tell.
 */
export type FilterReadable = (
  principal: Principal,
  ids: readonly string[],
  deadline: Date,
) => Promise<ReadonlySet<string> | DomainError>;

/** The records that a call names, for the stores that its command comes to. */
export type NamedRecords = {
  /**
   * Why the command is refused for a record that it names and its caller may not read; what the record before the
   * command named already may be sent back. Of a batch: for the item. Asks each owning service once per call.
   */
  refusal(before: unknown, item?: number): Promise<DomainError | undefined>;
};

/** Where a method's request names records. */
export type ReferencePlaces = {
  readonly plan: MarkedFields<ReferenceRules>;
  readonly isUpdate: boolean;
  readonly itemsField: string | undefined;
  /** With which it may be refused. */
  readonly reasons: ReadonlySet<string>;
  /** Whether a caller with these rights may read any record that can be named, so that nothing has to be asked. */
  readonly isOpenTo: (grants: Grants) => boolean;
};

/** Finds the fields of a command that name records by their ids; undefined where there are none. */
export const referencePlaces = (
  { name, input }: DescMethod,
  { effect, public: isPublic }: MethodRules,
  itemsField: string | undefined,
): ReferencePlaces | undefined => {
  if (effect === "READ" || isPublic) return undefined;
  const isUpdate = name.startsWith("Update");
  const [collections, reasons] = [new Set<string>(), new Set<string>()];
  const plan = markedFields(input, (field) => {
    const { reference } = fieldRules(field);
    // A reader sends back what never changes along with the rest.
    if (reference === undefined || (isUpdate && fieldBehavior(field).includes("IMMUTABLE"))) return undefined;
    collections.add(reference.collection);
    reasons.add(reference.missing);
    return reference;
  });
  return plan && { plan, isUpdate, itemsField, reasons, isOpenTo: openTo(collections) };
};

/** Rights are looked through once for as long as their token lives. */
const openTo = (named: ReadonlySet<string>): ((grants: Grants) => boolean) => {
  const decided = new WeakMap<Grants, boolean>();
  return (grants) => {
    const known = decided.get(grants);
    if (known !== undefined) return known;
    const collections = named.has("*") ? [...recordTypes().values()].map(({ rules }) => rules.collection) : [...named];
    const isOpen = collections.every((collection) => isReadWhole(grants, collection));
    decided.set(grants, isOpen);
    return isOpen;
  };
};

const isReadWhole = (grants: Grants, collection: string): boolean =>
  grantedScope({ grants }, readPermission(collection)) === "all";

type Named = Brought<ReferenceRules>;

/**
 * The records that a request names and that its caller may be kept from; undefined where there are none. That a
 * record cannot be told from one that is not there follows from this being one question with one answer.
 */
export const namedRecords = (
  { plan, isUpdate, itemsField, isOpenTo }: ReferencePlaces,
  request: unknown,
  principal: Principal,
  deadline: Date,
  filterReadable: FilterReadable,
): NamedRecords | undefined => {
  // What a service does as itself was asked for, and judged, elsewhere.
  if (isServiceActor(principal.actor) || isOpenTo(principal.grants)) return undefined;
  const isChanged = changedBy(isUpdate, request);
  const named = broughtBy(request, plan, itemsField).filter(
    (each) => isChanged(each) && !isReadWhole(principal.grants, collectionOf(each)),
  );
  if (named.length === 0) return undefined;

  const answers = new Map<string, ReturnType<FilterReadable>>();
  const ask = (asked: readonly Named[]): void => {
    const ids = new Set(asked.filter((each) => canBeRead(each, principal.grants)).map(({ value }) => value)).difference(
      answers,
    );
    if (ids.size === 0) return;
    const answer = filterReadable(principal, [...ids], deadline);
    for (const id of ids) answers.set(id, answer);
  };

  return {
    refusal: async (before, item) => {
      const asked = named.filter((each) => each.item === item && !(isUpdate && isHeld(before, each)));
      // The items of a batch are asked about together.
      ask(isUpdate ? asked : named);
      const unseen: Named[] = [];
      for (const each of asked) {
        const readable = await answers.get(each.value);
        if (isDomainError(readable)) return readable;
        if (!readable?.has(each.value)) unseen.push(each);
      }
      return unseen.length === 0 ? undefined : refusalOf(unseen);
    },
  };
};

/** Everything that is wrong is named; the first of it is the reason. */
const refusalOf = (unseen: readonly Named[]): DomainError => {
  const reason = unseen[0]?.mark.missing ?? "";
  const alike = unseen.filter(({ mark }) => mark.missing === reason);
  const metadata = Object.fromEntries(
    [...Map.groupBy(alike, ({ field }) => parameterOf(field))].map(
      ([name, each]) => [name, [...new Set(each.map(({ value }) => value))].join(", ")] as const,
    ),
  );
  return reject(
    reason,
    metadata,
    unseen.map(({ place, mark }) => ({ field: place, reason: mark.missing })),
  );
};

/** `product_ids` → `productId`, as messages for people name it. */
const parameterOf = ({ name }: DescField): string => protoCamelCase(name.replace(/_ids$/, "_id"));

const collectionOf = ({ mark, value }: Named): string =>
  mark.collection === "*" ? (recordTypeOf(value)?.rules.collection ?? "") : mark.collection;

const WELL_FORMED = /^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Whether an id can be of a record that these rights reach; about others nobody is asked. */
const canBeRead = (named: Named, grants: Grants): boolean => {
  const collection = recordTypeOf(named.value)?.rules.collection;
  return (
    collection !== undefined &&
    collection === collectionOf(named) &&
    WELL_FORMED.test(named.value) &&
    grantedScope({ grants }, readPermission(collection)) !== undefined
  );
};

/** An update changes what its mask names; without one, all that it brings. */
const changedBy = (isUpdate: boolean, request: unknown): ((named: Named) => boolean) => {
  const { updateMask: mask = [] } = isUpdate ? (request as { readonly updateMask?: readonly string[] }) : {};
  if (mask.length === 0 || mask.includes("*")) return () => true;
  const fields = new Set(mask.map((path) => protoCamelCase(path.split(".", 1)[0] ?? "")));
  return ({ path }) => fields.has(path[1] ?? "");
};

/** The request carries the record, so that its own fields are a step further in. */
const isHeld = (before: unknown, { path, value }: Named): boolean => heldAt(before, path.slice(1)).includes(value);
