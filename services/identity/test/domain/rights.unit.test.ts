import { type Grants, grantedScope } from "@keynode/auth/principal";
import type { Role_Grant } from "@keynode/contracts/crm/identity/v1/role";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exceeds, grantsOf, joined, type Rights, rightsOf } from "../../src/domain/rights.ts";

const collections = ["leads", "cases"] as const;
const verbs = ["read", "update"] as const;
const permissions = collections.flatMap((collection) => verbs.map((verb) => `${collection}.${verb}`));
const names = ["*", ...collections.map((collection) => `${collection}.*`), ...permissions];

const grant = fc.record({
  permission: fc.constantFrom(...names),
  scope: fc.constantFrom("OWN", "TEAM", "ALL"),
}) satisfies fc.Arbitrary<Role_Grant>;
const role = fc.uniqueArray(grant, { selector: ({ permission }) => permission, maxLength: 6 });

/** As the services read them out of a token. */
const tokenGrants = (rights: Rights): Grants =>
  Object.fromEntries(
    grantsOf(rights).map(({ permission, scope }) => [permission, scope.toLowerCase() as "own" | "team" | "all"]),
  );
const farther = { own: 1, team: 2, all: 3 } as const;
const reach = (grants: Grants, permission: string): number => {
  const scope = grantedScope({ grants }, permission);
  return scope === undefined ? 0 : farther[scope];
};

describe("what several roles grant together", () => {
  it("reaches for every permission as far as the farthest of them, however they name it", () => {
    fc.assert(
      fc.property(fc.array(role, { maxLength: 4 }), (roles) => {
        const together = tokenGrants(joined(roles.map(rightsOf)));
        for (const permission of permissions) {
          const alone = roles.map((grants) => reach(tokenGrants(rightsOf(grants)), permission));
          expect(reach(together, permission)).toBe(Math.max(0, ...alone));
        }
      }),
    );
  });
  it("is not narrowed by a role that names a permission more closely", () => {
    const rights = joined([
      rightsOf([{ permission: "leads.*", scope: "ALL" }]),
      rightsOf([{ permission: "leads.read", scope: "OWN" }]),
    ]);
    expect(reach(tokenGrants(rights), "leads.read")).toBe(3);
  });
  it("takes the farther of a permission that one role names twice", () => {
    const rights = rightsOf([
      { permission: "leads.read", scope: "ALL" },
      { permission: "leads.read", scope: "OWN" },
    ]);
    expect(grantsOf(rights)).toEqual([{ permission: "leads.read", scope: "ALL" }]);
  });
});

describe("rights exceed others", () => {
  it("exactly when some permission reaches farther by them", () => {
    fc.assert(
      fc.property(role, role, (asked, held) => {
        const [mine, theirs] = [tokenGrants(rightsOf(held)), tokenGrants(rightsOf(asked))];
        // A permission that nobody names, `other.read`, stands for all that only `*` covers.
        const more = [...permissions, "leads.other", "cases.other", "other.read"].some(
          (permission) => reach(theirs, permission) > reach(mine, permission),
        );
        expect(exceeds(rightsOf(asked), rightsOf(held))).toBe(more);
      }),
    );
  });
});
