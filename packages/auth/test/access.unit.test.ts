import { describe, expect, it } from "vitest";
import { type AccessFacts, createAccess, type ShareAccess, shareNeededFor } from "../src/access.ts";
import type { Grants, Principal, Scope } from "../src/principal.ts";
import { teamTree } from "../src/team-tree.ts";
import { maySee, ruleFor } from "../src/visibility.ts";

const tree = teamTree(
  new Map([
    ["sales", ""],
    ["east", "sales"],
    ["west", "sales"],
  ]),
);
const members: Readonly<Record<string, { active: boolean; teamIds: string[] }>> = {
  user_east: { active: true, teamIds: ["east"] },
  user_west: { active: true, teamIds: ["west"] },
  user_gone: { active: false, teamIds: ["east"] },
};
const shares: Readonly<Record<string, Readonly<Record<string, ShareAccess>>>> = {
  user_li: { lead_read: "READ", lead_write: "WRITE" },
  sales: { lead_team: "READ" },
};
const facts: AccessFacts = {
  teamTree: async () => tree,
  sharedWith: async (_tenant, grantees, access) =>
    new Set(
      grantees.flatMap((id) =>
        Object.entries(shares[id] ?? {}).flatMap(([record, given]) =>
          access === "READ" || given === "WRITE" ? [record] : [],
        ),
      ),
    ),
  member: async (_tenant, id) => members[id],
  team: async () => false,
};
const access = createAccess(facts);

const principal = (grants: Grants, teams: string[] = ["sales"], actor = "user_li"): Principal => ({
  tenant: "tenant_1",
  actor,
  roles: [],
  teams,
  grants,
  policyVersion: 1,
});
const read = { permission: "leads.read", effect: "READ" } as const;

describe("a right", () => {
  it("is none without a grant", async () => {
    expect(await access.rightTo(principal({ "accounts.*": "all" }), read)).toBeUndefined();
  });

  it("of all is every record of the tenant", async () => {
    const right = await access.rightTo(principal({ "*": "all" }), read);
    expect(right).toMatchObject({ scope: "all", visibility: { kind: "all" } });
  });

  it("of team reaches the actor's teams and everything below them", async () => {
    const right = await access.rightTo(principal({ "leads.*": "team" }, ["sales"], "user_new"), read);
    expect(right?.visibility).toMatchObject({ kind: "team", teamIds: ["sales", "east", "west"], teamCount: 3 });
    const below = await access.rightTo(principal({ "leads.*": "team" }, ["east"], "user_new"), read);
    expect(below?.visibility).toMatchObject({ kind: "team", teamIds: ["east"] });
  });

  it("of all still knows what the actor's narrower rights reach", async () => {
    const right = await access.rightTo(principal({ "leads.read": "all", "leads.readSensitive": "team" }), read);
    expect(right?.within("team")).toMatchObject({ kind: "team", teamIds: ["sales", "east", "west"] });
    expect(right?.within("own")).toEqual({ kind: "own", ownerId: "user_li" });
  });

  it("of own reaches what is shared with the actor and with the teams above the actor's", async () => {
    const right = await access.rightTo(principal({ "leads.*": "own" }, ["east"]), read);
    expect(right?.visibility).toEqual({
      kind: "own",
      ownerId: "user_li",
      shared: new Set(["lead_read", "lead_write", "lead_team"]),
    });
  });

  it("to change reaches only what is shared for changing", async () => {
    const change = { permission: "leads.qualify", effect: "WRITE" } as const;
    const right = await access.rightTo(principal({ "leads.*": "own" }), change);
    expect(right?.visibility).toMatchObject({ shared: new Set(["lead_write"]) });
  });

  it.each(["leads.delete", "leads.undelete", "leads.reassign", "leads.share"])(
    "to %s is nobody's by a share",
    async (permission) => {
      expect(shareNeededFor({ permission, effect: "WRITE" })).toBeUndefined();
      const right = await access.rightTo(principal({ "*": "own" }), { permission, effect: "WRITE" });
      expect(right?.visibility).toEqual({ kind: "own", ownerId: "user_li" });
    },
  );
});

describe("a record is let through", () => {
  const record = { id: "lead_1", ownerId: "user_zhao", teamId: "east" };
  it.each([
    ["all", { kind: "all" }],
    ["own", { kind: "own", ownerId: "user_zhao" }],
    ["own", { kind: "team", ownerId: "user_zhao", teamIds: ["east"] }],
    ["team", { kind: "team", ownerId: "user_li", teamIds: ["west", "east"] }],
    ["shared", { kind: "own", ownerId: "user_li", shared: new Set(["lead_1"]) }],
    ["shared", { kind: "team", ownerId: "user_li", teamIds: ["west"], shared: new Set(["lead_1"]) }],
    [undefined, { kind: "own", ownerId: "user_li" }],
    [undefined, { kind: "team", ownerId: "user_li", teamIds: ["west"], shared: new Set(["lead_2"]) }],
  ] as const)("by %s where the visibility is %j", (rule, visibility) => {
    expect(ruleFor(visibility, record)).toBe(rule);
    expect(maySee(visibility, record)).toBe(rule !== undefined);
  });
});

describe("a record is made somebody's", () => {
  const problems = async (scope: Scope, ownerId: string, teamId: string, teams = ["sales"]) =>
    (await access.assignmentProblems(principal({}, teams), scope, { ownerId, teamId })).map(
      ({ of, reason }) => `${of} ${reason}`,
    );

  it.each(["own", "team", "all"] as const)("the caller's own in a team of the caller's under %s", async (scope) => {
    expect(await problems(scope, "user_li", "sales")).toEqual([]);
    expect(await problems(scope, "", "")).toEqual([]);
  });

  it("nobody else's under own", async () => {
    expect(await problems("own", "user_east", "")).toEqual(["ownerId OUT_OF_REACH"]);
    expect(await problems("own", "user_none", "east")).toEqual(["ownerId OUT_OF_REACH", "teamId OUT_OF_REACH"]);
  });

  it("a member's of the subtree under team, and nobody's beyond it, known or not", async () => {
    expect(await problems("team", "user_east", "east")).toEqual([]);
    expect(await problems("team", "user_west", "west", ["east"])).toEqual([
      "ownerId OUT_OF_REACH",
      "teamId OUT_OF_REACH",
    ]);
    expect(await problems("team", "user_none", "", ["east"])).toEqual(["ownerId OUT_OF_REACH"]);
    expect(await problems("team", "user_gone", "")).toEqual(["ownerId OUT_OF_REACH"]);
  });

  it("any active user's and team's of the tenant under all", async () => {
    expect(await problems("all", "user_west", "west", [])).toEqual([]);
    expect(await problems("all", "user_gone", "")).toEqual(["ownerId NO_SUCH_OWNER"]);
    expect(await problems("all", "user_none", "team_of_another_tenant")).toEqual([
      "ownerId NO_SUCH_OWNER",
      "teamId NO_SUCH_TEAM",
    ]);
  });
});
