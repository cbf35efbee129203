import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import { rightsOf } from "../../src/domain/rights.ts";
import { decide } from "../../src/domain/role/decide.ts";
import { evolve } from "../../src/domain/role/evolve.ts";
import type { RoleContext, RoleEvent } from "../../src/domain/role/role.ts";

const now = new Date("2026-03-01T08:00:00Z");
const context: RoleContext = { now, callerRights: rightsOf([{ permission: "leads.*", scope: "TEAM" }]) };
const id = "role_1";
const within = Role.fromPartial({ id, name: "Reader", grants: [{ permission: "leads.read", scope: "TEAM" }] });
const beyond = Role.fromPartial({ id, name: "Reader", grants: [{ permission: "leads.read", scope: "ALL" }] });
const created = (role: Role): RoleEvent => ({ type: "RoleCreated", role });
const deleted: RoleEvent = { type: "RoleDeleted", deleteTime: now };
const noEtag = { id, etag: "" };

const rules = specify({ decide, evolve });

describe("a role", () => {
  it("is made when it grants no more than its maker may do", () => {
    rules.given().when({ type: "CreateRole", role: within }, context).then(created(within));
  });
  it("is not made when it grants more", () => {
    rules.given().when({ type: "CreateRole", role: beyond }, context).thenRefused("ROLE_EXCEEDS_CALLER");
  });
  it("is not widened beyond what the caller may do, but may be renamed while it reaches farther", () => {
    rules
      .given(created(within))
      .when({ type: "UpdateRole", role: beyond, updateMask: ["grants"] }, context)
      .thenRefused("ROLE_EXCEEDS_CALLER");
    rules
      .given(created(beyond))
      .when({ type: "UpdateRole", role: { ...beyond, name: "All" }, updateMask: ["name"] }, context)
      .thenTypes(["RoleEdited"]);
  });
  it("that reaches farther than the caller is not brought back", () => {
    rules
      .given(created(beyond), deleted)
      .when({ type: "UndeleteRole", ...noEtag }, context)
      .thenRefused("ROLE_EXCEEDS_CALLER");
    rules
      .given(created(within), deleted)
      .when({ type: "UndeleteRole", ...noEtag }, context)
      .then({ type: "RoleRestored" });
  });
  it("is quiet when it is deleted, restored or updated again", () => {
    rules
      .given(created(within), deleted)
      .when({ type: "DeleteRole", ...noEtag }, context)
      .thenNothing();
    rules
      .given(created(beyond))
      .when({ type: "UndeleteRole", ...noEtag }, context)
      .thenNothing();
    rules
      .given(created(within))
      .when({ type: "UpdateRole", role: within, updateMask: ["name", "grants"] }, context)
      .thenNothing();
  });
});

describe("a built-in role", () => {
  const builtIn = rules.given(created({ ...within, builtIn: true }));
  it("is neither changed nor deleted", () => {
    builtIn.when({ type: "UpdateRole", role: within, updateMask: ["name"] }, context).thenRefused("ROLE_BUILT_IN");
    builtIn.when({ type: "DeleteRole", ...noEtag }, context).thenRefused("ROLE_BUILT_IN");
  });
  it("takes on what a new version of the platform has for it, once", () => {
    builtIn.when({ type: "RenewBuiltInRole", role: beyond }, context).thenTypes(["RoleEdited"], (state) => {
      expect(state).toMatchObject({ grants: beyond.grants, builtIn: true });
    });
    builtIn.when({ type: "RenewBuiltInRole", role: within }, context).thenNothing();
  });
});
