/** The way to an attribute (RFC 7644 §3.10), in lower case: `name.givenName`, `members[value eq "…"]`, `urn:…:manager`. */
export type AttributePath = {
  readonly attribute: string;
  /** Of a complex attribute; empty for all of it. */
  readonly sub: string;
  /** Which of several values; undefined for all. */
  readonly values: Comparison | undefined;
};

/** `attribute eq value`: the one comparison that identity providers send. */
export type Comparison = { readonly path: AttributePath; readonly value: string | boolean };

/** An attribute's name, behind its schema's URN or not: `urn:ietf:params:scim:schemas:core:2.0:User:userName`. */
const name = /^(?:urn:[a-z0-9:._-]*:)?([a-z$][a-z0-9_$-]*)(?:\.([a-z][a-z0-9_-]*))?/i;
const equals = /^\s+eq\s+/i;
const text = /^"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*"/i;
const truth = /^(?:true|false)/i;

/** Reads a path from the start of a text; answers it and the rest, or undefined. What tells values apart is one of their own parts. */
const readPath = (source: string, isPart = false): { path: AttributePath; rest: string } | undefined => {
  const found = name.exec(source);
  const [whole, attribute, sub = ""] = found ?? [];
  if (whole === undefined || attribute === undefined) return undefined;
  let rest = source.slice(whole.length);
  let values: Comparison | undefined;
  let subOfValue = sub;
  if (rest.startsWith("[") && sub === "" && !isPart) {
    const inner = readComparison(rest.slice(1).trimStart(), true);
    const closed = inner?.rest.trimStart();
    if (inner === undefined || !closed?.startsWith("]")) return undefined;
    values = inner.comparison;
    rest = closed.slice(1);
    const behind = /^\.([a-z][a-z0-9_-]*)/i.exec(rest);
    if (behind?.[1] !== undefined) {
      subOfValue = behind[1];
      rest = rest.slice(behind[0].length);
    }
  }
  return { path: { attribute: attribute.toLowerCase(), sub: subOfValue.toLowerCase(), values }, rest };
};

const readComparison = (source: string, isPart = false): { comparison: Comparison; rest: string } | undefined => {
  const read = readPath(source, isPart);
  const operator = read && equals.exec(read.rest)?.[0];
  if (read === undefined || operator === undefined) return undefined;
  const behind = read.rest.slice(operator.length);
  const literal = (text.exec(behind) ?? truth.exec(behind))?.[0];
  if (literal === undefined) return undefined;
  const value = JSON.parse(literal.startsWith('"') ? literal : literal.toLowerCase()) as string | boolean;
  return { comparison: { path: read.path, value }, rest: behind.slice(literal.length) };
};

/** The path that a text is; undefined when it is none. */
export const parsePath = (source: string): AttributePath | undefined => {
  const read = readPath(source.trim());
  return read !== undefined && read.rest === "" ? read.path : undefined;
};

/** The comparisons that a filter joins with `and`; undefined when it is anything else. */
export const parseFilter = (source: string): readonly Comparison[] | undefined => {
  const comparisons: Comparison[] = [];
  for (let rest = source.trim(); ; ) {
    const read = readComparison(rest);
    if (read === undefined) return undefined;
    comparisons.push(read.comparison);
    if (read.rest === "") return comparisons;
    const joined = /^\s+and\s+/i.exec(read.rest)?.[0];
    if (joined === undefined || comparisons.length === maxComparisons) return undefined;
    rest = read.rest.slice(joined.length);
  }
};

const maxComparisons = 10;
