import { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/identity-provider/decide.ts";
import { evolve } from "../../src/domain/identity-provider/evolve.ts";
import type {
  IdentityProviderContext,
  IdentityProviderEvent,
} from "../../src/domain/identity-provider/identity-provider.ts";

const now = new Date("2026-03-01T08:00:00Z");
const id = "identityprovider_1";
const references: IdentityProviderContext["references"] = {
  roles: new Map([
    ["role_low", { exceedsCaller: false }],
    ["role_high", { exceedsCaller: true }],
  ]),
  teams: new Set(["team_1"]),
  callerTeams: "all",
};
const context: IdentityProviderContext = { now, references, callerMayAll: false };
const administrator: IdentityProviderContext = { ...context, callerMayAll: true };

const provider = IdentityProvider.fromPartial({
  id,
  name: "Company",
  issuer: "https://login.example",
  clientId: "crm",
});
const mapping = (group: string, roleIds: string[], teamIds: string[] = []) => ({ group, roleIds, teamIds });
const created = (more: Partial<IdentityProvider> = {}, sealedSecret?: string): IdentityProviderEvent => ({
  type: "IdentityProviderCreated",
  identityProvider: { ...provider, secretKept: sealedSecret !== undefined, ...more },
  sealedSecret,
});
const update = (change: Partial<IdentityProvider>, ...updateMask: string[]) =>
  ({ type: "UpdateIdentityProvider", identityProvider: { ...provider, ...change }, updateMask }) as const;

const rules = specify({ decide, evolve });

describe("an identity provider", () => {
  it("keeps its secret apart from what is told of it", () => {
    rules
      .given()
      .when({ type: "CreateIdentityProvider", identityProvider: { ...provider, clientSecret: "sealed" } }, context)
      .then(created({}, "sealed"));
    rules
      .given(created({}, "sealed"))
      .when(update({ clientSecret: "sealed anew" }, "client_secret"), context)
      .thenTypes(["IdentityProviderEdited"], (state) => {
        expect(state).toMatchObject({ clientSecret: "", sealedSecret: "sealed anew", secretKept: true });
      });
  });
  it("loses its secret to an empty one, once", () => {
    const emptied = update({ clientSecret: "" }, "client_secret");
    rules
      .given(created({}, "sealed"))
      .when(emptied, context)
      .thenTypes(["IdentityProviderEdited"], (state) => {
        expect(state).toMatchObject({ secretKept: false, sealedSecret: undefined });
      });
    rules.given(created()).when(emptied, context).thenNothing();
  });
  it("does not take its secret along to another issuer", () => {
    const moved = { issuer: "https://elsewhere.example" };
    rules.given(created({}, "sealed")).when(update(moved, "issuer"), context).thenRefused("CLIENT_SECRET_REQUIRED");
    rules
      .given(created({}, "sealed"))
      .when(update({ ...moved, clientSecret: "sealed anew" }, "issuer", "client_secret"), context)
      .thenTypes(["IdentityProviderEdited"]);
    rules.given(created()).when(update(moved, "issuer"), context).thenTypes(["IdentityProviderEdited"]);
  });
  it("maps groups to roles and teams that there are", () => {
    const made = (...groupMappings: IdentityProvider["groupMappings"]) =>
      rules.given().when({ type: "CreateIdentityProvider", identityProvider: { ...provider, groupMappings } }, context);
    made(mapping("sales", ["role_low"], ["team_1"])).thenTypes(["IdentityProviderCreated"]);
    made(mapping("sales", ["role_none"])).thenRefused("ROLE_NOT_FOUND");
    made(mapping("sales", [], ["team_none"])).thenRefused("TEAM_NOT_FOUND");
  });
  it("gives nobody more than whoever sets it up may do", () => {
    const high = [mapping("admins", ["role_high"])];
    rules
      .given()
      .when({ type: "CreateIdentityProvider", identityProvider: { ...provider, groupMappings: high } }, context)
      .thenRefused("ROLE_EXCEEDS_CALLER");
    const powerful = rules.given(created({ groupMappings: high }));
    powerful.when(update({ groupsClaim: "roles" }, "groups_claim"), context).thenRefused("ROLE_EXCEEDS_CALLER");
    powerful.when(update({ issuer: "https://mine.example" }, "issuer"), context).thenRefused("ROLE_EXCEEDS_CALLER");
    powerful.when(update({ name: "Firm" }, "name"), context).thenTypes(["IdentityProviderEdited"]);
    rules
      .given(created({ groupMappings: high }), { type: "IdentityProviderDeleted", deleteTime: now })
      .when({ type: "UndeleteIdentityProvider", id, etag: "" }, context)
      .thenRefused("ROLE_EXCEEDS_CALLER");
  });
  it("links people to users that exist only when set up by somebody who may do everything", () => {
    const links = update({ linksUsers: true }, "links_users");
    rules.given(created()).when(links, context).thenRefused("ROLE_EXCEEDS_CALLER");
    rules.given(created()).when(links, administrator).thenTypes(["IdentityProviderEdited"]);
  });
  it("is quiet when it is updated, deleted or restored again", () => {
    rules
      .given(created())
      .when(update({}, "name", "issuer", "group_mappings"), context)
      .thenNothing();
    rules.given(created()).when({ type: "UndeleteIdentityProvider", id, etag: "" }, context).thenNothing();
    rules
      .given(created(), { type: "IdentityProviderDeleted", deleteTime: now })
      .when({ type: "DeleteIdentityProvider", id, etag: "" }, context)
      .thenNothing();
  });
});
