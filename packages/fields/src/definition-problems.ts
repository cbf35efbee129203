import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import type { FieldViolation } from "@keynode/decider/domain-error";
import { checkedValue, isReason, typeOf } from "./checked-value.ts";
import { fieldOf, matcherOf } from "./field.ts";
import { formulaOf } from "./formula.ts";
import { holders } from "./holders.ts";
import { isKeptKind, kindOf } from "./kinds.ts";

/** The parts of a definition that only some kinds have. */
type Part =
  | "min"
  | "max"
  | "maxLength"
  | "pattern"
  | "unit"
  | "choices"
  | "vocabulary"
  | "referenceCollection"
  | "currencyCode";

const partsOf: Readonly<Partial<Record<CustomField["kind"], readonly Part[]>>> = {
  TEXT: ["maxLength", "pattern"],
  NUMBER: ["min", "max", "unit"],
  MONEY: ["min", "max", "currencyCode"],
  CHOICE: ["choices", "vocabulary"],
  CHOICES: ["choices", "vocabulary"],
  REFERENCE: ["referenceCollection"],
  FORMULA: ["unit"],
};

const partFields: Readonly<Record<Part, string>> = {
  min: "min",
  max: "max",
  maxLength: "max_length",
  pattern: "pattern",
  unit: "unit",
  choices: "choices",
  vocabulary: "vocabulary",
  referenceCollection: "reference_collection",
  currencyCode: "currency_code",
};

/** Kinds whose values have an order that lists can be read in. */
const sortableKinds: ReadonlySet<CustomField["kind"]> = new Set(["TEXT", "NUMBER", "DATE", "CHOICE"]);
/** Kinds that a formula can result in. */
const resultKinds: ReadonlySet<CustomField["kind"]> = new Set(["TEXT", "NUMBER", "BOOLEAN", "DATE"]);

/**
 * Everything that is wrong with a definition, by the names of its fields. `others` are the collection's other fields,
 * which a formula may name.
 */
export const definitionProblems = (definition: CustomField, others: readonly CustomField[]): FieldViolation[] => {
  const { kind } = definition;
  const holder = holders().get(definition.collection);
  const problems: FieldViolation[] = [];
  const say = (field: string, reason: string): void => void problems.push({ field, reason });

  if (holder === undefined) say("collection", "COLLECTION_TAKES_NO_FIELDS");
  if ((definition.displayName?.en ?? "") === "" && (definition.displayName?.zh ?? "") === "") {
    say("display_name", "FIELD_REQUIRED");
  }
  for (const stage of definition.requiredFrom) {
    if (holder !== undefined && !holder.hasOwnStages && !holder.stages.has(stage))
      say("required_from", "NO_SUCH_STAGE");
  }

  const own: readonly Part[] = partsOf[kind] ?? [];
  for (const part of Object.keys(partFields) as Part[]) {
    if (isGiven(definition[part]) && !own.includes(part)) say(partFields[part], "NOT_OF_THIS_KIND");
  }
  sayOfParts(definition, say);
  if (definition.sortable && !sortableKinds.has(kind)) say("sortable", "NOT_OF_THIS_KIND");
  if (kind === "FORMULA") sayOfFormula(definition, others, say);
  else {
    if (definition.formula !== "") say("formula", "NOT_OF_THIS_KIND");
    if (definition.formulaKind !== "KIND_UNSPECIFIED") say("formula_kind", "NOT_OF_THIS_KIND");
    const wrong = defaultProblem(definition);
    if (wrong !== undefined) say("default_value", wrong);
  }
  return problems;
};

type Say = (field: string, reason: string) => void;

const sayOfParts = (definition: CustomField, say: Say): void => {
  const { kind, min, max, pattern, choices, vocabulary, referenceCollection } = definition;
  if (min !== undefined && max !== undefined && min > max) say("max", "BELOW_THE_LEAST");
  if (pattern !== "" && matcherOf(pattern) === undefined) say("pattern", "PATTERN_MALFORMED");
  if (kind === "CHOICE" || kind === "CHOICES") {
    if (choices.length > 0 === (vocabulary !== "")) say("choices", "CHOICES_OR_VOCABULARY");
    if (new Set(choices.map(({ id }) => id)).size < choices.length) say("choices", "CHOICE_REPEATED");
  }
  if (kind === "REFERENCE" && typeOf(referenceCollection) === undefined)
    say("reference_collection", "NO_SUCH_COLLECTION");
};

const sayOfFormula = (definition: CustomField, others: readonly CustomField[], say: Say): void => {
  if (definition.required) say("required", "NOT_OF_THIS_KIND");
  if (definition.requiredFrom.length > 0) say("required_from", "NOT_OF_THIS_KIND");
  if (definition.defaultValue !== undefined) say("default_value", "NOT_OF_THIS_KIND");
  if (definition.writerRoleIds.length > 0) say("writer_role_ids", "NOT_OF_THIS_KIND");
  if (!resultKinds.has(definition.formulaKind)) say("formula_kind", "FIELD_REQUIRED");
  else {
    const formula = formulaOf(definition, others);
    if ("reason" in formula) say("formula", formula.reason);
  }
};

const defaultProblem = (definition: CustomField): string | undefined => {
  const { defaultValue, kind } = definition;
  if (defaultValue === undefined || kindOf(defaultValue) === undefined || !isKeptKind(kind)) return undefined;
  const outcome = checkedValue(fieldOf(definition), defaultValue, kind);
  return isReason(outcome) ? outcome.reason : undefined;
};

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
