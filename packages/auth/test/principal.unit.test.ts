import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Grants, grantedScope, type Scope } from "../src/principal.ts";

const scope = (grants: Grants, permission: string) => grantedScope({ grants }, permission);

describe("granted scope", () => {
  it("is undefined without a grant", () => {
    expect(scope({ "leads.read": "all" }, "leads.update")).toBeUndefined();
    expect(scope({}, "leads.read")).toBeUndefined();
  });

  it("comes from the exact permission, then its collection, then everything", () => {
    const grants: Grants = { "*": "own", "leads.*": "team", "leads.read": "all" };
    expect(scope(grants, "leads.read")).toBe("all");
    expect(scope(grants, "leads.update")).toBe("team");
    expect(scope(grants, "cases.read")).toBe("own");
  });

  it("is narrowed by a more specific grant", () => {
    expect(scope({ "*": "all", "leads.delete": "own" }, "leads.delete")).toBe("own");
  });

  it("takes a wildcard for whole parts only", () => {
    expect(scope({ "lead.*": "all" }, "leads.read")).toBeUndefined();
    expect(scope({ "leads.re*": "all" }, "leads.read")).toBeUndefined();
  });

  it("is not found in what every object inherits", () => {
    expect(scope({}, "constructor")).toBeUndefined();
    expect(scope({}, "__proto__")).toBeUndefined();
  });

  it("never depends on the order of the grants", () => {
    const names = ["*", "a.*", "a.b", "a.b.*", "a.b.c"];
    const grants = fc.dictionary(fc.constantFrom(...names), fc.constantFrom<Scope>("own", "team", "all"));
    fc.assert(
      fc.property(grants, fc.constantFrom("a.b", "a.b.c", "a.x", "z"), (given, permission) => {
        const reversed = Object.fromEntries(Object.entries(given).reverse());
        expect(scope(reversed, permission)).toBe(scope(given, permission));
      }),
    );
  });
});
