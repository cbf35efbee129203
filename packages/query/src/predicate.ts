import { camelCase, expectation, type Field, readScalar, type Scalar } from "./field.ts";
import type { Comparator, Comparison, FilterNode, Literal } from "./filter-syntax.ts";
import { type Problem, problem } from "./problem.ts";

/** A filter whose fields and values are known to be right. `!=` is the negation of `=`: it holds where nothing is set. */
export type Predicate =
  | { readonly kind: "and" | "or"; readonly of: readonly Predicate[] }
  | { readonly kind: "not"; readonly of: Predicate }
  | Condition;

export type RangeOperator = "$lt" | "$lte" | "$gt" | "$gte";

export type Condition =
  | { readonly kind: "equals"; readonly field: Field; readonly value: Scalar }
  | { readonly kind: "range"; readonly field: Field; readonly operator: RangeOperator; readonly value: Scalar }
  | { readonly kind: "prefix"; readonly field: Field; readonly prefix: string }
  | { readonly kind: "present"; readonly field: Field };

/** Gives a parsed filter its fields and typed values, or names everything that is wrong with it. */
export const bindFilter = (
  node: FilterNode,
  fields: ReadonlyMap<string, Field>,
): Predicate | readonly [Problem, ...Problem[]] => {
  const problems: Problem[] = [];
  const predicate = bind(node);
  const [first, ...others] = problems;
  return first === undefined ? predicate : [first, ...others];

  function bind(from: FilterNode): Predicate {
    switch (from.kind) {
      case "and":
      case "or":
        return { kind: from.kind, of: from.nodes.map(bind) };
      case "not":
        return { kind: "not", of: bind(from.node) };
      case "comparison": {
        const bound = bindComparison(from, fields);
        if (bound.kind !== "Problem") return bound;
        problems.push(bound);
        return { kind: "and", of: [] };
      }
    }
  }
};

const ranges: Readonly<Partial<Record<Comparator, RangeOperator>>> = {
  "<": "$lt",
  "<=": "$lte",
  ">": "$gt",
  ">=": "$gte",
};

const bindComparison = (
  { field: name, comparator, literal }: Comparison,
  fields: ReadonlyMap<string, Field>,
): Predicate | Problem => {
  const field = fields.get(name.split(".").map(camelCase).join("."));
  if (field === undefined) {
    return problem("FILTER_UNKNOWN_FIELD", { field: name, known: [...fields.keys()].join(", ") });
  }
  if (comparator === ":" && literal.wildcard && literal.text === "" && !literal.quoted) {
    const any = field.token?.();
    return any === undefined ? { kind: "present", field } : { kind: "equals", field, value: any };
  }
  if (!comparators(field).includes(comparator)) {
    return problem("FILTER_COMPARATOR", { field: field.name, comparator });
  }
  const condition = bindCondition(field, comparator, literal);
  return comparator === "!=" && condition.kind !== "Problem" ? { kind: "not", of: condition } : condition;
};

const comparators = ({ type, repeated, token }: Field): readonly Comparator[] => {
  if (token) return ["=", ":"];
  if (repeated) return [":"];
  return type === "bool" || type === "enum" ? ["=", "!=", ":"] : ["=", "!=", ":", "<", "<=", ">", ">="];
};

const bindCondition = (
  field: Field,
  comparator: Comparator,
  { text, quoted, wildcard }: Literal,
): Condition | Problem => {
  const operator = ranges[comparator];
  if (wildcard) {
    const offered = field.prefixable && field.type === "string" && operator === undefined && text !== "";
    return offered ? { kind: "prefix", field, prefix: text } : problem("FILTER_WILDCARD", { field: field.name });
  }
  const read = readScalar(field, text, quoted);
  const value = read === undefined || field.token === undefined ? read : field.token(read);
  if (value === undefined) {
    return problem("FILTER_WRONG_TYPE", { field: field.name, expected: expectation(field), found: text });
  }
  return operator === undefined ? { kind: "equals", field, value } : { kind: "range", field, operator, value };
};
