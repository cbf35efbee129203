import type { Violation } from "../../violation.ts";

/**
 * A JSON value as the transcoder reads it. Objects are Maps, so that no key is special
 * (`__proto__`); a number is a bigint only where a double would round a whole number.
 */
export type Json = null | boolean | string | number | bigint | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export const isJsonObject = (json: Json): json is JsonObject => json instanceof Map;
export const isJsonArray = (json: Json): json is readonly Json[] => Array.isArray(json);

/** The text is not JSON; `offset` counts UTF-16 units from 0. */
export type JsonSyntaxError = { readonly kind: "JsonSyntaxError"; readonly offset: number };

/** `violations` names repeated members, halved surrogate pairs and what is nested too deeply. */
export type ParsedJson = { readonly value: Json; readonly violations: readonly Violation[] };

/** One level of JSON may be three of protobuf (Value, Struct, entry), and runtimes stop at 100. */
export const MAX_DEPTH = 32;

/** Digits of a whole number beyond which no 64-bit field can hold it: kept as a double, refused by range. */
const MAX_INTEGER_DIGITS = 25;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** Not `\s`: JSON allows these four only. */
const isSpace = (unit: number): boolean => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;

export const isSyntaxError = (outcome: ParsedJson | JsonSyntaxError): outcome is JsonSyntaxError => "offset" in outcome;

/** Parses strictly (RFC 8259), noting instead of hiding what JSON.parse would let pass. */
export const parseJson = (text: string): ParsedJson | JsonSyntaxError => {
  const violations: Violation[] = [];
  const path: (string | number)[] = [];
  let at = 0;

  const note = (code: Violation["code"]): void => {
    violations.push({ path: [...path], code });
  };

  const skipSpace = (): void => {
    while (isSpace(text.charCodeAt(at))) at++;
  };

  const expect = (unit: number): void => {
    skipSpace();
    if (text.charCodeAt(at) !== unit) throw STOP;
    at++;
  };

  const string = (): string => {
    const start = at++;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === 0x22) return text.slice(start + 1, at++);
      if (unit === 0x5c) return escapedString(start);
      if (!(unit >= 0x20)) throw STOP;
      at++;
    }
  };

  const escapedString = (start: number): string => {
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === 0x22) break;
      if (!(unit >= 0x20)) throw STOP;
      at += unit === 0x5c ? 2 : 1;
    }
    at++;
    let value: unknown;
    try {
      value = JSON.parse(text.slice(start, at));
    } catch {
      at = start;
      throw STOP;
    }
    const decoded = String(value);
    if (!decoded.isWellFormed()) note("INVALID_UNICODE");
    return decoded;
  };

  const number = (): number | bigint => {
    NUMBER.lastIndex = at;
    const match = NUMBER.exec(text);
    if (!match) throw STOP;
    const [literal, fraction, exponent] = match;
    at += literal.length;
    const value = Number(literal);
    const exact =
      Number.isSafeInteger(value) ||
      fraction !== undefined ||
      exponent !== undefined ||
      literal.length > MAX_INTEGER_DIGITS;
    return exact ? value : BigInt(literal);
  };

  const keyword = <Value extends null | boolean>(word: string, value: Value): Value => {
    if (!text.startsWith(word, at)) throw STOP;
    at += word.length;
    return value;
  };

  const object = (): JsonObject => {
    const members = new Map<string, Json>();
    at++;
    skipSpace();
    if (text.charCodeAt(at) === 0x7d) {
      at++;
      return members;
    }
    for (;;) {
      skipSpace();
      if (text.charCodeAt(at) !== 0x22) throw STOP;
      const name = string();
      expect(0x3a);
      path.push(name);
      if (members.has(name)) note("DUPLICATE_FIELD");
      members.set(name, value());
      path.pop();
      skipSpace();
      const unit = text.charCodeAt(at);
      if (unit !== 0x2c && unit !== 0x7d) throw STOP;
      at++;
      if (unit === 0x7d) return members;
    }
  };

  const array = (): readonly Json[] => {
    const items: Json[] = [];
    at++;
    skipSpace();
    if (text.charCodeAt(at) === 0x5d) {
      at++;
      return items;
    }
    for (;;) {
      path.push(items.length);
      items.push(value());
      path.pop();
      skipSpace();
      const unit = text.charCodeAt(at);
      if (unit !== 0x2c && unit !== 0x5d) throw STOP;
      at++;
      if (unit === 0x5d) return items;
    }
  };

  const value = (): Json => {
    skipSpace();
    const unit = text.charCodeAt(at);
    switch (unit) {
      case 0x22:
        return string();
      case 0x7b:
      case 0x5b:
        if (path.length >= MAX_DEPTH) {
          note("TOO_DEEP");
          throw STOP;
        }
        return unit === 0x7b ? object() : array();
      case 0x74:
        return keyword("true", true);
      case 0x66:
        return keyword("false", false);
      case 0x6e:
        return keyword("null", null);
      default:
        return number();
    }
  };

  try {
    const parsed = value();
    skipSpace();
    if (at < text.length) throw STOP;
    return { value: parsed, violations };
  } catch (cause) {
    if (cause !== STOP) throw cause;
    const tooDeep = violations.at(-1);
    if (tooDeep?.code === "TOO_DEEP") return { value: null, violations };
    return { kind: "JsonSyntaxError", offset: Math.min(at, text.length) };
  }
};

/** Thrown to leave the recursion; carries nothing, so costs no stack trace. */
const STOP = Symbol("not JSON");
