/** What proto3 JSON makes of values that JSON has no type for. Everything stays as the wire has it: nothing is converted. */

/** A 64-bit integer as decimal digits: a number would lose what is beyond 2^53. `BigInt(value)` computes with it. */
export type Int64 = string;

/** An instant in RFC 3339, UTC, for example `2026-01-31T08:30:00Z`. `new Date(value)` reads it, `toISOString()` writes it. */
export type Timestamp = string;

/** Seconds with up to nine decimals, for example `1.5s`. */
export type Duration = string;

/** Field paths in lowerCamelCase with commas between: `name,qualification.note`. */
export type FieldMask = string;

/** Bytes in base64. */
export type Base64 = string;

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** An amount of money: `units` whole ones and `nanos` billionths, both of the same sign. See `money` and `decimal`. */
export interface Money {
  /** Three letters of ISO 4217, for example `CNY`. */
  currencyCode?: string;
  /** Whole units. */
  units?: Int64;
  /** Billionths of a unit, from -999,999,999 to 999,999,999. */
  nanos?: number;
}

/** A day of the calendar, without a time or zone. */
export interface CalendarDate {
  year?: number;
  /** 1 to 12. */
  month?: number;
  /** 1 to 31. */
  day?: number;
}

/** A message of any type; `@type` ends in its full name. */
export interface AnyMessage {
  "@type": string;
  [field: string]: unknown;
}

/** Why one item of a batch was refused. */
export interface RpcStatus {
  /** Number of a google.rpc.Code. */
  code?: number;
  message?: string;
  details?: AnyMessage[];
}

/** Changes of a record: what is left out stays, null empties a field. */
export type Patch<Fields> = { [Name in keyof Fields]?: Fields[Name] | null };

/** A record as a read mask leaves it. */
export type Masked<Fields, Mask> = Mask extends string ? Partial<Fields> : Fields;
