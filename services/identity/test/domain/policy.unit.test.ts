import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyDecider, type PolicyState } from "../../src/domain/policy/policy.ts";

const rules = specify(policyDecider);

describe("a policy version (law 8)", () => {
  it("begins at one and rises by one for each event", () => {
    rules
      .given()
      .when({ type: "RaisePolicy", cause: "a" }, {})
      .then({ type: "PolicyRaised", policyVersion: 1, cause: "a" });
    rules
      .given({ type: "PolicyRaised", policyVersion: 6, cause: "a" })
      .when({ type: "RaisePolicy", cause: "b" }, {})
      .then({ type: "PolicyRaised", policyVersion: 7, cause: "b" });
  });
  it("stays when the same event comes again", () => {
    rules
      .given(
        { type: "PolicyRaised", policyVersion: 1, cause: "a" },
        { type: "PolicyRaised", policyVersion: 2, cause: "b" },
      )
      .when({ type: "RaisePolicy", cause: "a" }, {})
      .thenNothing();
  });
  it("counts each event once in any order, and its memory is bounded", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 300 }), (causes) => {
        let state: PolicyState | undefined;
        for (const cause of causes) {
          const events = policyDecider.decide({ type: "RaisePolicy", cause }, state, {});
          if (Array.isArray(events)) state = events.reduce<PolicyState | undefined>(policyDecider.evolve, state);
        }
        expect(state?.policyVersion ?? 0).toBe(new Set(causes).size);
        expect(state?.causes?.length ?? 0).toBeLessThanOrEqual(100);
      }),
    );
  });
});
