import { type CelFunc, CelScalar, celError, celFunc } from "@bufbuild/cel";
import type { FormulaType } from "./formula-types.ts";

/** One way to call a function or an operator: what it takes and what it gives. A method's target stands first. */
export type Signature = readonly [takes: readonly FormulaType[], gives: FormulaType];

const [number, text, boolean, date] = ["number", "text", "boolean", "date"] as const;
const arithmetic: readonly Signature[] = [[[number, number], number]];
const ordered: readonly Signature[] = [
  [[number, number], boolean],
  [[text, text], boolean],
  [[date, date], boolean],
];
const equal: readonly Signature[] = [...ordered, [[boolean, boolean], boolean]];
const matched: readonly Signature[] = [[[text, text], boolean]];

/** All that a formula can call: nothing that repeats, so its cost is bounded by its length. */
export const signatures: ReadonlyMap<string, readonly Signature[]> = new Map([
  ["_+_", [...arithmetic, [[text, text], text]]],
  ["_-_", arithmetic],
  ["_*_", arithmetic],
  ["_/_", arithmetic],
  ["-_", [[[number], number]]],
  ["_==_", equal],
  ["_!=_", equal],
  ["_<_", ordered],
  ["_<=_", ordered],
  ["_>_", ordered],
  ["_>=_", ordered],
  ["_&&_", [[[boolean, boolean], boolean]]],
  ["_||_", [[[boolean, boolean], boolean]]],
  ["!_", [[[boolean], boolean]]],
  ["contains", matched],
  ["startsWith", matched],
  ["endsWith", matched],
  ["length", [[[text], number]]],
  ["round", [[[number, number], number]]],
  ["text", [[[number], text]]],
  ["days", [[[date], number]]],
  ["addDays", [[[date, number], date]]],
] satisfies readonly (readonly [string, readonly Signature[]])[]);

/** What a formula's own division by zero says. */
export const divisionByZero = "DIVISION_BY_ZERO";

const dayMs = 86_400_000;
const daysOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / dayMs;

/** Operators and functions that differ from those of CEL, or that it lacks. */
export const formulaFunctions: CelFunc[] = [
  // CEL's own answers with infinity.
  celFunc("_/_", [CelScalar.DOUBLE, CelScalar.DOUBLE], CelScalar.DOUBLE, (a, b) => {
    if (b === 0) throw celError(divisionByZero);
    return a / b;
  }),
  celFunc("length", [CelScalar.STRING], CelScalar.DOUBLE, (value) => Array.from(value).length),
  celFunc("round", [CelScalar.DOUBLE, CelScalar.DOUBLE], CelScalar.DOUBLE, (value, digits) =>
    Number(value.toFixed(Math.min(Math.max(Math.trunc(digits), 0), 12))),
  ),
  celFunc("text", [CelScalar.DOUBLE], CelScalar.STRING, String),
  celFunc("days", [CelScalar.STRING], CelScalar.DOUBLE, daysOf),
  celFunc("addDays", [CelScalar.STRING, CelScalar.DOUBLE], CelScalar.STRING, (day, days) => {
    const instant = new Date((daysOf(day) + Math.trunc(days)) * dayMs);
    if (Number.isNaN(instant.getTime()) || !(instant.getUTCFullYear() >= 1 && instant.getUTCFullYear() <= 9999)) {
      throw celError("no day of the calendar");
    }
    return instant.toISOString().slice(0, 10);
  }),
];
