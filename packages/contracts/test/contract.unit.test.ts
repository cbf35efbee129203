import { describe, expect, test } from "vitest";
import { contract, contractOf } from "./contract.ts";
import { contractRules } from "./rules/contract-rules.ts";
import { type Sabotage, sabotages } from "./rules/sabotages.ts";
import { changedContract } from "@keynode/contracts/testing";

/** One rule with what it is about and the sabotages that it has to find. */
const rows = Object.entries(contractRules).flatMap(([about, rules]) =>
  Object.entries(rules).map(([says, rule]) => {
    const ofGroup: Readonly<Record<string, readonly Sabotage[]>> = sabotages[about as keyof typeof sabotages];
    return { title: `${about} ${says}`, rule, sabotages: ofGroup[says] ?? [] };
  }),
);

describe("the contract keeps each of its rules", () => {
  test.for(rows)("$title", ({ rule }) => {
    expect(rule(contract)).toEqual([]);
  });
});

describe("a contract that breaks a rule does not pass, and what breaks it is named", () => {
  test.for(rows.flatMap((row) => row.sabotages.map((sabotage) => ({ ...row, ...sabotage }))))(
    "$title: $by",
    ({ rule, change, names }) => {
      expect(rule(contractOf(changedContract(change)))).toContain(names);
    },
  );
});
