import { isServiceActor } from "@keynode/auth/principal";
import type { CustomValue } from "@keynode/contracts/crm/chassis/v1/custom_value";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Paths } from "@keynode/decider/record";
import type { FieldSet, FieldSource } from "@keynode/fields/field-set";
import { type Checked, settableKeys, valuesOfCreate, valuesOfUpdate } from "@keynode/fields/given-values";
import type { Viewer } from "@keynode/fields/viewer";
import type { Call } from "@keynode/grpc/call";

/** A record that may take custom fields. */
type Valued = { customFields?: Record<string, CustomValue> };

/** Where the fields of a collection come from; its store has it. */
export type FieldsOf = {
  readonly fields: FieldSource | undefined;
  readonly aggregate: { readonly collection: string };
};

export const viewerOf = ({ actor, principal }: Pick<Call, "actor" | "principal">): Viewer => ({
  roles: principal.roles,
  isService: isServiceActor(actor),
});

/** The collection's fields, once those of the keys named are known, or are known not to be. */
export const fieldsKnowing = async (
  { fields, aggregate: { collection } }: FieldsOf & { readonly fields: FieldSource },
  tenant: string,
  keys: readonly string[],
): Promise<FieldSet> => {
  const set = await fields.of(tenant, collection);
  return keys.every((key) => set.fields.has(key)) ? set : await fields.knowing(tenant, collection, keys);
};

/**
 * A new record with its custom values in the form in which they are kept, and the defaults of those not given.
 * Errors: INVALID_REQUEST naming every value that is refused or missing.
 */
export const withValues = async <Message extends object>(
  store: FieldsOf,
  message: Message,
  call: Call,
  prefix: string,
): Promise<Message | DomainError> => {
  const { customFields: given = {} } = message as Valued;
  if (store.fields === undefined) return message;
  const set = await fieldsKnowing({ ...store, fields: store.fields }, call.tenant, Object.keys(given));
  if (set.fields.size === 0 && Object.keys(given).length === 0) return message;
  const checked = refusing(valuesOfCreate(set, given, viewerOf(call)), prefix);
  return isDomainError(checked) ? checked : { ...message, customFields: checked };
};

/** What an update changes: the record's new values, and the fields by their paths. */
export type Change<Message> = { readonly patch: Message; readonly paths: Paths };

const whole = "custom_fields";

/**
 * An update with its custom values checked, and each that it changes named by a path of its own. One that names
 * `custom_fields` sets all that its caller can set, and clears those that it leaves out; one without a mask sets those
 * that it gives. Errors: INVALID_REQUEST naming every value that is refused.
 */
export const withChangedValues = async <Message extends object>(
  store: FieldsOf,
  { patch, paths }: Change<Message>,
  isMasked: boolean,
  call: Call,
  prefix: string,
): Promise<Change<Message> | DomainError> => {
  const own = paths.filter((path) => path !== whole && !path.startsWith(`${whole}.`));
  if (store.fields === undefined || own.length === paths.length) return { patch, paths };
  const { customFields: given = {} } = patch as Valued;
  const named = paths.filter((path) => path.startsWith(`${whole}.`)).map((path) => keyOf(path));
  const set = await fieldsKnowing({ ...store, fields: store.fields }, call.tenant, [...Object.keys(given), ...named]);
  const viewer = viewerOf(call);
  const meant = paths.includes(whole) ? (isMasked ? settableKeys(set, given, viewer) : Object.keys(given)) : [];
  const keys = [...new Set([...named, ...meant])];
  const checked = refusing(valuesOfUpdate(set, keys, given, viewer), prefix);
  if (isDomainError(checked)) return checked;
  return { patch: { ...patch, customFields: checked }, paths: [...own, ...keys.map((key) => `${whole}.${key}`)] };
};

/** A mask that went through JSON spells `shoeSize` as `shoe_size`. */
const keyOf = (path: string): string =>
  path.slice(whole.length + 1).replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

const refusing = (checked: Checked, prefix: string): Record<string, CustomValue> | DomainError => {
  if ("values" in checked) return checked.values;
  const violations = checked.problems.map(({ key, reason }) => ({ field: `${prefix}${whole}.${key}`, reason }));
  return reject("INVALID_REQUEST", {}, violations);
};
