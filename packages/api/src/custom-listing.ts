import { mayCompare } from "@keynode/grpc/masking/sight";
import type { Call } from "@keynode/grpc/call";
import { normalisePhone } from "@keynode/fields/contact-point";
import type { Field as CustomField } from "@keynode/fields/field";
import { isSensitive } from "@keynode/fields/shown-values";
import { moneyOf, moneyText, tokenOf } from "@keynode/fields/tokens";
import { mayRead } from "@keynode/fields/viewer";
import { camelCase, type Field, type FieldType, type Scalar } from "@keynode/query/field";
import { index, indexOf, type Listing, tokenPath } from "@keynode/query/listing";
import type { IndexDescription } from "mongodb";
import { type FieldsOf, fieldsKnowing, viewerOf } from "./custom-fields.ts";

/** A listing as one call may use it: with the tenant's own fields that it names. */
export type CallListing = {
  readonly listing: Listing;
  /** Of those, the ones that are masked for the caller. */
  readonly concealed: readonly string[];
  /** What the order needs besides the listing's own indexes. */
  readonly needs?: IndexDescription;
};

const names = /\bcustom_?fields\.(\w+)/gi;

/**
 * Adds to a listing the custom fields that a request's filter and order name; a request that names none costs nothing.
 * A field that the caller may not see is none.
 */
export const listingFor = async (
  store: FieldsOf,
  listing: Listing,
  { filter, orderBy }: { readonly filter: string; readonly orderBy: string },
  call: Call,
): Promise<CallListing> => {
  const keys = [...`${filter} ${orderBy}`.matchAll(names)].map(([, name = ""]) => camelCase(name));
  if (store.fields === undefined || keys.length === 0) return { listing, concealed: [] };
  const set = await fieldsKnowing({ ...store, fields: store.fields }, call.tenant, [...new Set(keys)]);
  const viewer = viewerOf(call);
  const own = [...new Set(keys)].flatMap((key) => {
    const field = set.fields.get(key);
    return field === undefined || field.kind === "FORMULA" || !mayRead(field, viewer) ? [] : [field];
  });
  const fields = own.map(listedField);
  const ordering = fields.find(({ name, sortPath }) => sortPath !== undefined && orderNames(orderBy, name));
  const order = ordering && index([], { field: ordering, direction: 1 });
  const comparable = mayCompare(call, store.aggregate.collection);
  return {
    listing: {
      ...listing,
      fields: new Map([...listing.fields, ...fields.map((field) => [field.name, field] as const)]),
      indexes: order === undefined ? listing.indexes : [...listing.indexes, order],
    },
    concealed: comparable ? [] : own.filter(isSensitive).map(({ key }) => nameOf(key)),
    ...(order && { needs: indexOf(order) }),
  };
};

const orderNames = (orderBy: string, name: string): boolean =>
  orderBy.trim().split(/\s/)[0]?.split(".").map(camelCase).join(".") === name;

const nameOf = (key: string): string => `customFields.${key}`;

const types: Readonly<Partial<Record<CustomField["kind"], FieldType>>> = {
  NUMBER: "double",
  BOOLEAN: "bool",
  DATE: "date",
};

const listedField = (field: CustomField): Field => {
  const { key, kind, sortSlot } = field;
  return {
    name: nameOf(key),
    path: tokenPath,
    type: types[kind] ?? "string",
    token: (value) => (value === undefined ? tokenOf(key) : tokenOfLiteral(field, value)),
    optional: true,
    ...(kind === "CHOICES" && { repeated: true }),
    ...(sortSlot > 0 && {
      sortPath: `state.customSort.s${sortSlot}`,
      sortType: kind === "NUMBER" ? "double" : "string",
    }),
  };
};

/** What a filter spells, in the form in which such values are kept. */
const tokenOfLiteral = ({ key, kind }: CustomField, value: Scalar): string | undefined => {
  const kept = kind === "PHONE" ? normalisePhone(String(value)) : kind === "MONEY" ? keptMoney(String(value)) : value;
  return kept === undefined ? undefined : tokenOf(key, kept instanceof Date ? kept.toISOString() : String(kept));
};

/** `CNY 12.50` → `CNY 12.5`. */
const keptMoney = (text: string): string | undefined => {
  const money = moneyOf(text);
  return money && moneyText(money.currencyCode, money.units, money.nanos);
};
