/**
 * How a field is stored and compared: `date` is a calendar date stored as `YYYY-MM-DD`, `int64` a bigint,
 * `enum` the value's name as ts-proto's string enums have it.
 */
export type FieldType = "string" | "enum" | "bool" | "int32" | "int64" | "double" | "time" | "date";

/** A value as stored and as sent to the engine; never an object that could be read as an operator. */
export type Scalar = string | number | bigint | boolean | Date;

/** What a listing says of one field that may be filtered or sorted. */
export type FieldSpec = {
  /** Where it lies in the document, for example `state.status`. */
  readonly path: string;
  readonly type: FieldType;
  /** Names of an enum's values. */
  readonly values?: readonly string[];
  /** An array of such values: only `:` compares it. */
  readonly repeated?: true;
  /**
   * Where the text that it sorts by lies, when that is not the value itself: a `sortKey`. It always has one, and then
   * comparisons with the value do not narrow the order.
   */
  readonly sortPath?: string;
  /** What lies there; text unless said otherwise. */
  readonly sortType?: FieldType;
  /**
   * The field shares its path with others: an array of tokens, of which this one stands for the value, or without one for
   * there being any. Only equality and presence compare it.
   */
  readonly token?: (value?: Scalar) => string | undefined;
  /** A text that `name = "abc*"` may match by its beginning. */
  readonly prefixable?: true;
  /** May be filtered without an index that covers it, within the listing's time limit. */
  readonly residual?: true;
  /** May be absent; a field that is sorted and may be absent must say so. Absent sorts lowest. */
  readonly optional?: true;
};

export type Field = FieldSpec & { readonly name: string };

/** What a field sorts by: the value or its key. */
export const sortedBy = ({
  path,
  type,
  sortPath,
  sortType = "string",
}: Field): { readonly path: string; readonly type: FieldType } =>
  sortPath === undefined ? { path, type } : { path: sortPath, type: sortType };

/** `create_time` → `createTime`: filters and masks come in either spelling. */
export const camelCase = (name: string): string =>
  name.replace(/_+([a-z0-9])/g, (_underscores, letter: string) => letter.toUpperCase());

/** Reads a value as written; undefined when it is none of the field's type. */
export const readScalar = (field: FieldSpec, text: string, quoted: boolean): Scalar | undefined => {
  switch (field.type) {
    case "string":
      return text;
    case "enum":
      return field.values?.includes(text) ? text : undefined;
    case "time":
      return readTime(text);
    case "date":
      return /^\d{4}-\d{2}-\d{2}$/.test(text) && readTime(`${text}T00:00:00Z`) !== undefined ? text : undefined;
    default:
      return quoted ? undefined : readBareScalar(field.type, text);
  }
};

const readBareScalar = (type: "bool" | "int32" | "int64" | "double", text: string): Scalar | undefined => {
  if (type === "bool") return text === "true" ? true : text === "false" ? false : undefined;
  if (type === "double") {
    const value = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    return Number.isFinite(value) ? value : undefined;
  }
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  if (BigInt.asIntN(type === "int32" ? 32 : 64, value) !== value) return undefined;
  return type === "int32" ? Number(value) : value;
};

/** RFC 3339 date-time, from which a BSON date keeps the milliseconds. */
const dateTime = /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

const readTime = (text: string): Date | undefined => {
  const [, date, time, fraction = "", zone] = dateTime.exec(text) ?? [];
  if (date === undefined || time === undefined || zone === undefined) return undefined;
  // Date.parse accepts 30 February and moves on to March, so the date is compared with what came out of it.
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) return undefined;
  const instant = new Date(`${date}T${time}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
};

const expectations: Readonly<Record<FieldType, string>> = {
  string: "text",
  enum: "",
  bool: "true | false",
  int32: "int32",
  int64: "int64",
  double: "number",
  time: "RFC 3339 2026-01-05T09:00:00Z",
  date: "YYYY-MM-DD",
};

/** What a field takes, for people who got it wrong. */
export const expectation = (field: FieldSpec): string =>
  field.type === "enum" ? (field.values ?? []).join(" | ") : expectations[field.type];

/** The values that stand for "not set" beside a missing one: proto3's default of the types that show it. */
export const unsetValues = (field: FieldSpec): readonly (string | null)[] => {
  if (field.type === "enum") return [null, "", ...(field.values ?? []).filter((name) => name.endsWith("_UNSPECIFIED"))];
  return field.type === "string" || field.type === "date" ? [null, ""] : [null];
};
