/** One segment of a path: a fixed word, any one segment (`*`), or all that are left (`**`). */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "any" }
  | { readonly kind: "rest" };

/** A request field that a path fills; `from` to `to` are the segments it takes, `to` exclusive. */
export type PathVariable = {
  /** Field path as proto names it: `["lead", "id"]`. */
  readonly field: readonly string[];
  readonly from: number;
  /** Undefined when it takes all that are left. */
  readonly to: number | undefined;
};

/** A path template of google.api.http, compiled. */
export type PathTemplate = {
  /** As written. */
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly variables: readonly PathVariable[];
  /** Behind the last colon; empty for none. */
  readonly verb: string;
};

const TOKEN = /\*\*|\*|[{}=/:]|[^*{}=/:]+/g;
const FIELD_PATH = /^[a-z_][a-z\d_]*(?:\.[a-z_][a-z\d_]*)*$/;
const VERB = /^[A-Za-z][A-Za-z\d]*$/;

/**
 * Compiles a template by the grammar of google/api/http.proto. Throws, quoting the template, when
 * it does not follow it or uses a field twice.
 */
export const parsePathTemplate = (text: string): PathTemplate => {
  const tokens = text.match(TOKEN) ?? [];
  const segments: Segment[] = [];
  const variables: PathVariable[] = [];
  let at = 0;

  const fail = (why: string): never => {
    throw new Error(`path template ${JSON.stringify(text)}: ${why}`);
  };
  const next = (): string => tokens[at++] ?? fail("ends too early");
  const expect = (expected: string): void => {
    if (next() !== expected) fail(`expected ${JSON.stringify(expected)}`);
  };

  const segmentOf = (token: string): Segment => {
    if (segments.at(-1)?.kind === "rest") fail("nothing may follow **");
    if (token === "*") return { kind: "any" };
    if (token === "**") return { kind: "rest" };
    return /^[\w.~%-]+$/.test(token)
      ? { kind: "literal", text: decodeURIComponent(token) }
      : fail(`unexpected ${token}`);
  };

  const variable = (): void => {
    const field = next();
    if (!FIELD_PATH.test(field)) fail(`${JSON.stringify(field)} is no field path`);
    if (variables.some((other) => other.field.join(".") === field)) fail(`${field} is bound twice`);
    const from = segments.length;
    if (tokens[at] === "=") {
      do {
        at++;
        segments.push(segmentOf(next()));
      } while (tokens[at] === "/");
    } else {
      segments.push(segmentOf("*"));
    }
    expect("}");
    const isRest = segments.at(-1)?.kind === "rest";
    variables.push({ field: field.split("."), from, to: isRest ? undefined : segments.length });
  };

  do {
    expect("/");
    const token = next();
    if (token === "{") variable();
    else segments.push(segmentOf(token));
  } while (tokens[at] === "/");
  let verb = "";
  if (tokens[at] === ":") {
    at++;
    verb = next();
    if (!VERB.test(verb)) fail(`${JSON.stringify(verb)} is no verb`);
  }
  if (at < tokens.length) fail(`unexpected ${tokens[at]}`);
  return { text, segments, variables, verb };
};

/**
 * The values of the variables in a path that the template matched. A variable of one segment is
 * decoded whole; one of several keeps its slashes and decodes each segment.
 * Throws URIError when the percent-encoding is damaged.
 */
export const pathValues = (template: PathTemplate, segments: readonly string[]): string[] =>
  template.variables.map(({ from, to }) =>
    to === from + 1 ? decodeSegment(segments[from] ?? "") : segments.slice(from, to).map(decodeSegment).join("/"),
  );

export const decodeSegment = (segment: string): string =>
  segment.includes("%") ? decodeURIComponent(segment) : segment;
