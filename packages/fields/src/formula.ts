import { celEnv, isCelError, parse, plan } from "@bufbuild/cel";
import type { CustomValue, CustomValue_Problem } from "@keynode/contracts/crm/chassis/v1/custom_value";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { divisionByZero, formulaFunctions, signatures } from "./formula-functions.ts";
import { type FormulaType, operandsOf, typeOfKind } from "./formula-types.ts";
import { holders } from "./holders.ts";
import { isKeptKind, kindOf, properties, valueOf } from "./kinds.ts";

/** A formula made ready. */
export type Formula = {
  /** Keys of the custom fields that it takes. */
  readonly operands: ReadonlySet<string>;
  /** What it makes of a record: a value, or why there is none. Never throws. */
  readonly of: (record: object, values: Readonly<Record<string, CustomValue>>) => CustomValue;
};

/** What is wrong with a formula's text. */
export type FormulaReason =
  | "FORMULA_MALFORMED"
  | "FORMULA_TOO_DEEP"
  | "FORMULA_UNKNOWN_NAME"
  | "FORMULA_UNKNOWN_FUNCTION"
  | "FORMULA_NOT_OFFERED"
  | "FORMULA_TYPE_MISMATCH"
  | "FORMULA_RESULT_MISMATCH";

/** Expressions within expressions; what is deeper is no formula that people write. */
const maxDepth = 40;
/** Brackets within brackets, in the text, which the parser goes down into. */
const maxBrackets = 20;
const maxTextResult = 10_000;

const environment = celEnv({ funcs: formulaFunctions });

class Refused extends Error {
  readonly reason: FormulaReason;
  constructor(reason: FormulaReason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Reads a formula, or says what is wrong with it. It is checked whole before it is ever run: names, types and result.
 * It has no loops, so that what it costs is bounded by its length. `others` are the collection's other fields.
 */
export const formulaOf = (
  { collection, formula: source, formulaKind }: CustomField,
  others: Iterable<CustomField>,
): Formula | { readonly reason: FormulaReason } => {
  const message = holders().get(collection)?.message;
  if (message === undefined || !isKeptKind(formulaKind)) return { reason: "FORMULA_RESULT_MISMATCH" };
  const own = operandsOf(message);
  const custom = new Map([...others].map((each) => [each.key, typeOfKind[each.kind]]));
  const operands = new Set<string>();
  const properOperands = new Set<string>();
  try {
    if (bracketsOf(source) > maxBrackets) throw new Refused("FORMULA_TOO_DEEP");
    const parsed = parsedFrom(source);
    const type = typeOf(parsed.expr, 0);
    if (type !== typeOfKind[formulaKind]) throw new Refused("FORMULA_RESULT_MISMATCH");
    const run = plan(environment, parsed);
    const result = (record: object, values: Readonly<Record<string, CustomValue>>): CustomValue => {
      const { bound, isWhole } = bindings(record, values, own, properOperands, operands);
      const outcome = run(bound);
      if (isCelError(outcome)) return problem(problemOf(outcome.message, isWhole));
      return resultOf(formulaKind, outcome);
    };
    return { operands, of: result };
  } catch (error) {
    if (error instanceof Refused) return { reason: error.reason };
    throw error;
  }

  function typeOf(expr: Expression, depth: number): FormulaType {
    if (depth > maxDepth) throw new Refused("FORMULA_TOO_DEEP");
    const { exprKind } = expr;
    switch (exprKind.case) {
      case "constExpr":
        return typeOfConstant(exprKind.value);
      case "identExpr":
        return typeOfName(exprKind.value.name);
      case "selectExpr":
        return typeOfSelected(exprKind.value);
      case "callExpr":
        return typeOfCall(exprKind.value, depth);
      default:
        throw new Refused("FORMULA_NOT_OFFERED");
    }
  }

  function typeOfName(name: string): FormulaType {
    const type = own.get(name);
    if (type === undefined) throw new Refused("FORMULA_UNKNOWN_NAME");
    properOperands.add(name);
    return type;
  }

  function typeOfSelected({ operand, field, testOnly }: Selection): FormulaType {
    if (operand?.exprKind.case !== "identExpr" || operand.exprKind.value.name !== "customFields") {
      throw new Refused("FORMULA_UNKNOWN_NAME");
    }
    const type = custom.get(field);
    if (type === undefined) throw new Refused("FORMULA_UNKNOWN_NAME");
    operands.add(field);
    return testOnly ? "boolean" : type;
  }

  function typeOfCall({ function: name, target, args }: CallExpression, depth: number): FormulaType {
    const given = [...(target === undefined ? [] : [target]), ...args].map((each) => typeOf(each, depth + 1));
    if (name === "_?_:_") {
      const [condition, then, otherwise] = given;
      if (condition !== "boolean" || then === undefined || then !== otherwise)
        throw new Refused("FORMULA_TYPE_MISMATCH");
      return then;
    }
    const known = signatures.get(name);
    if (known === undefined) throw new Refused("FORMULA_UNKNOWN_FUNCTION");
    const fitting = known.find(
      ([takes]) => takes.length === given.length && takes.every((type, index) => type === given[index]),
    );
    if (fitting === undefined) throw new Refused("FORMULA_TYPE_MISMATCH");
    return fitting[1];
  }
};

type Parsed = ReturnType<typeof parse>;
type Expression = Parsed["expr"];
type CaseOf<Case> = Extract<Expression["exprKind"], { case: Case }> extends { value: infer Value } ? Value : never;
type Constant = CaseOf<"constExpr">;
type Selection = CaseOf<"selectExpr">;
type CallExpression = CaseOf<"callExpr">;

const parsedFrom = (source: string): Parsed => {
  try {
    return parse(source);
  } catch {
    throw new Refused("FORMULA_MALFORMED");
  }
};

/** How deep the brackets go that stand in the text, those within texts too: it is a bound, not a reading. */
const bracketsOf = (source: string): number => {
  let [depth, deepest] = [0, 0];
  for (const character of source) {
    if ("([{".includes(character)) deepest = Math.max(deepest, ++depth);
    else if (")]}".includes(character)) depth -= 1;
  }
  return deepest;
};

/** CEL tells `2` from `2.0`; people who write formulas do not, so that every number becomes the latter. */
const typeOfConstant = (constant: Constant): FormulaType => {
  const { constantKind } = constant;
  switch (constantKind.case) {
    case "int64Value":
    case "uint64Value":
      constant.constantKind = { case: "doubleValue", value: Number(constantKind.value) };
      return "number";
    case "doubleValue":
      return "number";
    case "stringValue":
      return "text";
    case "boolValue":
      return "boolean";
    default:
      throw new Refused("FORMULA_NOT_OFFERED");
  }
};

type Operand = string | number | boolean;

/** What a formula takes of a record; `isWhole`: the record has all of it. */
const bindings = (
  record: object,
  values: Readonly<Record<string, CustomValue>>,
  own: ReadonlyMap<string, FormulaType>,
  names: ReadonlySet<string>,
  keys: ReadonlySet<string>,
): { readonly bound: Record<string, Operand | Map<string, Operand>>; readonly isWhole: boolean } => {
  const bound: Record<string, Operand> = {};
  for (const name of names) {
    const value = operandOf((record as Readonly<Record<string, unknown>>)[name], own.get(name));
    if (value !== undefined) bound[name] = value;
  }
  const custom = new Map<string, Operand>();
  for (const key of keys) {
    const value = Object.hasOwn(values, key) ? customOperand(values[key]) : undefined;
    if (value !== undefined) custom.set(key, value);
  }
  const isWhole = Object.keys(bound).length === names.size && custom.size === keys.size;
  return { bound: { ...bound, customFields: custom }, isWhole };
};

/** A value goes by its own kind, which a field whose kind has changed need not have: formulas take no phone as a text. */
const customOperand = (value: CustomValue | undefined): Operand | undefined => {
  const kind = value && kindOf(value);
  const type = kind && typeOfKind[kind];
  return value === undefined || kind === undefined || type === undefined
    ? undefined
    : operandOf(value[properties[kind]], type);
};

type MoneyOrDate = { units?: bigint; nanos?: number; year?: number; month?: number; day?: number };

const operandOf = (value: unknown, type: FormulaType | undefined): Operand | undefined => {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null || type === undefined) return undefined;
  const { units = 0n, nanos = 0, year = 0, month = 0, day = 0 } = value as MoneyOrDate;
  if (type === "number") return Number(units) + nanos / 1e9;
  return [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-");
};

const problem = (reason: CustomValue_Problem): CustomValue => ({ choices: [], problem: reason });

const problemOf = (message: string, isWhole: boolean): CustomValue_Problem => {
  if (message.includes(divisionByZero)) return "DIVISION_BY_ZERO";
  return isWhole ? "TYPE_MISMATCH" : "MISSING_OPERAND";
};

const resultOf = (kind: CustomField["formulaKind"], outcome: unknown): CustomValue => {
  switch (kind) {
    case "NUMBER":
      if (typeof outcome !== "number") return problem("TYPE_MISMATCH");
      return Number.isFinite(outcome) ? valueOf("NUMBER", outcome) : problem("OUT_OF_RANGE");
    case "TEXT":
      if (typeof outcome !== "string") return problem("TYPE_MISMATCH");
      return outcome.length <= maxTextResult ? valueOf("TEXT", outcome) : problem("OUT_OF_RANGE");
    case "DATE":
      return typeof outcome === "string" ? valueOf("DATE", outcome) : problem("TYPE_MISMATCH");
    default:
      return typeof outcome === "boolean" ? valueOf("BOOLEAN", outcome) : problem("TYPE_MISMATCH");
  }
};
