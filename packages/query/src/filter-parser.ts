import type { Comparator, Comparison, FilterNode, Literal } from "./filter-syntax.ts";
import { type Problem, problem } from "./problem.ts";

/** Characters of a whole filter. */
export const maxFilterLength = 2_000;
/** Parentheses and negations inside each other. */
export const maxFilterDepth = 32;
/** Comparisons in one filter. */
export const maxFilterTerms = 50;

/**
 * Reads an AIP-160 filter. Of https://google.aip.dev/assets/misc/ebnf-filtering.txt this is
 *
 *     expression  : sequence {WS AND WS sequence} ;
 *     sequence    : factor {WS factor} ;
 *     factor      : term {WS OR WS term} ;
 *     term        : [(NOT WS | MINUS)] simple ;
 *     simple      : restriction | LPAREN expression RPAREN ;
 *     restriction : member comparator value ;
 *     member      : TEXT {DOT TEXT} ;
 *
 * so without functions, values in parentheses and bare words, which are refused by name. A value that is not quoted
 * runs to the next space, parenthesis, comma, quote or comparison sign, so that `1.5` and `2026-01-05T09:00:00Z` need
 * no quotes; in quotes `\"`, `\'`, `\\` and `\*` stand for the character itself.
 */
export const parseFilter = (source: string): FilterNode | Problem => {
  if (source.length > maxFilterLength) return problem("FILTER_TOO_LONG", { limit: String(maxFilterLength) });
  try {
    return parser(source).filter();
  } catch (error) {
    if (error instanceof NotAFilter) return error.problem;
    throw error;
  }
};

/** Unwinds the descent; never leaves this file. */
class NotAFilter extends Error {
  readonly problem: Problem;
  constructor(found: Problem) {
    super(found.reason);
    this.problem = found;
  }
}

const space = /\s*/y;
const word = /[^\s()"',.:<>=!\\]+/y;
const comparator = /<=|>=|!=|[<>=:]/y;
const bareValue = /[^\s()"',<>=!\\]+/y;
/** A quoted value; the body's alternatives exclude each other, so it cannot backtrack. */
const quotedValue = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;
const fieldName = /^[A-Za-z][A-Za-z0-9_]*$/;

const keywords: ReadonlySet<string> = new Set(["AND", "OR", "NOT"]);

const parser = (source: string) => {
  let position = 0;
  let depth = 0;
  let terms = 0;

  return {
    filter: (): FilterNode => {
      const node = expression();
      skipSpace();
      return position === source.length ? node : fail(unexpected());
    },
  };

  function expression(): FilterNode {
    const nodes = [factor()];
    for (;;) {
      if (keyword("AND")) nodes.push(factor());
      else if (atTerm()) nodes.push(factor());
      else return join("and", nodes);
    }
  }

  function factor(): FilterNode {
    const nodes = [term()];
    while (keyword("OR")) nodes.push(term());
    return join("or", nodes);
  }

  function term(): FilterNode {
    if (keyword("NOT") || minus()) return deeper(() => ({ kind: "not", node: simple() }));
    return simple();
  }

  function simple(): FilterNode {
    skipSpace();
    if (source[position] !== "(") return restriction();
    position += 1;
    const node = deeper(expression);
    skipSpace();
    if (source[position] !== ")") fail(unexpected());
    position += 1;
    return node;
  }

  function restriction(): Comparison {
    const field = member();
    if (source[position] === "(") fail(problem("FILTER_FUNCTION", { name: field }));
    skipSpace();
    const sign = take(comparator);
    if (sign === undefined) return fail(problem("FILTER_BARE_WORD", { word: field }));
    terms += 1;
    if (terms > maxFilterTerms) fail(problem("FILTER_TOO_MANY_TERMS", { limit: String(maxFilterTerms) }));
    skipSpace();
    return { kind: "comparison", field, comparator: sign as Comparator, literal: literal(field) };
  }

  function member(): string {
    const segments = [segment()];
    while (source[position] === ".") {
      position += 1;
      segments.push(segment());
    }
    return segments.join(".");
  }

  function segment(): string {
    const start = position;
    const name = take(word);
    if (name !== undefined && fieldName.test(name) && !keywords.has(name)) return name;
    position = start;
    const text = take(quotedValue) ?? name;
    return text === undefined || keywords.has(text)
      ? fail(unexpected(start))
      : fail(problem("FILTER_BARE_WORD", { word: text }));
  }

  function literal(field: string): Literal {
    const start = position;
    const quoted = take(quotedValue);
    const raw = quoted?.slice(1, -1) ?? take(bareValue);
    if (raw === undefined || keywords.has(quoted ?? raw)) return fail(unexpected(start));
    const { text, stars } = unescape(raw);
    const wildcard = stars.length === 1 && stars[0] === text.length - 1;
    if (stars.length > 0 && !wildcard) fail(problem("FILTER_WILDCARD", { field }));
    return { text: wildcard ? text.slice(0, -1) : text, quoted: quoted !== undefined, wildcard };
  }

  /** Whether another factor follows without AND, as in `a = 1 b = 2`. */
  function atTerm(): boolean {
    const before = position;
    skipSpace();
    const follows = position > before && position < source.length && source[position] !== ")";
    const next = follows ? peek(word) : undefined;
    if (next === "OR") fail(unexpected());
    return follows;
  }

  function deeper(inner: () => FilterNode): FilterNode {
    depth += 1;
    if (depth > maxFilterDepth) fail(problem("FILTER_TOO_DEEP", { limit: String(maxFilterDepth) }));
    const node = inner();
    depth -= 1;
    return node;
  }

  function keyword(name: string): boolean {
    const before = position;
    skipSpace();
    if (peek(word) === name) {
      position += name.length;
      return true;
    }
    position = before;
    return false;
  }

  function minus(): boolean {
    skipSpace();
    if (source[position] !== "-") return false;
    position += 1;
    return true;
  }

  function skipSpace(): void {
    take(space);
  }

  function take(pattern: RegExp): string | undefined {
    const found = peek(pattern);
    position += found?.length ?? 0;
    return found;
  }

  function peek(pattern: RegExp): string | undefined {
    pattern.lastIndex = position;
    return pattern.exec(source)?.[0];
  }

  function unexpected(at: number = position): Problem {
    const found = source.slice(at, at + 20);
    return found === "" ? problem("FILTER_ENDS_EARLY") : problem("FILTER_SYNTAX", { at: String(at + 1), found });
  }
};

const fail = (found: Problem): never => {
  throw new NotAFilter(found);
};

const join = (kind: "and" | "or", nodes: readonly FilterNode[]): FilterNode => {
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind, nodes };
};

/** The text without its backslashes, and where in it the stars stand that had none. */
const unescape = (raw: string): { text: string; stars: number[] } => {
  const stars: number[] = [];
  let text = "";
  for (let index = 0; index < raw.length; index += 1) {
    if (raw[index] === "*") stars.push(text.length);
    if (raw[index] === "\\") index += 1;
    text += raw[index] ?? "";
  }
  return { text, stars };
};
