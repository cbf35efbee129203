import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import type { ApiKeyCommand, ApiKeyContext, ApiKeyEvent } from "../../src/domain/api-key/api-key.ts";
import { decide } from "../../src/domain/api-key/decide.ts";
import { evolve } from "../../src/domain/api-key/evolve.ts";

const now = new Date("2026-03-01T08:20:00Z");
const at = (time: string): ApiKeyContext => ({ ...context, now: new Date(`2026-03-01T${time}Z`) });
const context: ApiKeyContext = {
  now,
  actor: "user_li",
  references: {
    roles: new Map([
      ["role_sales", { exceedsCaller: false }],
      ["role_admin", { exceedsCaller: true }],
    ]),
    teams: new Set(["team_east", "team_west"]),
    callerTeams: ["team_east"],
  },
};
const apiKey = ApiKey.fromPartial({ name: "website", roleIds: ["role_sales"], teamIds: ["team_east"] });
const create = (changes: Partial<ApiKey> = {}): ApiKeyCommand => ({
  type: "CreateApiKey",
  apiKey: { ...apiKey, ...changes },
  secretDigest: "digest",
});
const created: ApiKeyEvent = { type: "ApiKeyCreated", apiKey, secretDigest: "digest" };
const used: ApiKeyEvent = { type: "ApiKeyUsed", useTime: new Date("2026-03-01T08:00:00Z") };
const revoked: ApiKeyEvent = { type: "ApiKeyRevoked", revokeTime: now, revokedBy: "user_li" };
const revoke: ApiKeyCommand = { type: "RevokeApiKey", id: "apikey_1", etag: "" };

const rules = specify({ decide, evolve });

describe("an API key", () => {
  it("is made with roles and teams of its maker's reach", () => {
    rules.given().when(create(), context).then(created);
  });
  it("is refused what its maker could not give", () => {
    const refused = (changes: Partial<ApiKey>) => rules.given().when(create(changes), context);
    refused({ roleIds: ["role_none"] }).thenRefused("ROLE_NOT_FOUND", { roleId: "role_none" });
    refused({ roleIds: ["role_admin"] }).thenRefused("ROLE_EXCEEDS_CALLER", { roleId: "role_admin" });
    refused({ teamIds: ["team_none"] }).thenRefused("TEAM_NOT_FOUND", { teamId: "team_none" });
    refused({ teamIds: ["team_west"] }).thenRefused("TEAM_NOT_FOUND", { teamId: "team_west" });
  });
  it("does not end before it begins", () => {
    rules
      .given()
      .when(create({ expireTime: now }), context)
      .thenRefused("EXPIRY_PASSED");
    rules
      .given()
      .when(create({ expireTime: new Date(now.getTime() + 1) }), context)
      .thenTypes(["ApiKeyCreated"]);
  });
  it("is revoked once, for good", () => {
    rules.given(created).when(revoke, context).then(revoked);
    rules.given(created, revoked).when(revoke, at("09:00:00")).thenNothing();
  });
});

describe("the use of an API key", () => {
  const use: ApiKeyCommand = { type: "RecordApiKeyUse" };
  it("is recorded to the hour, once in it", () => {
    rules.given(created).when(use, context).then(used);
    rules.given(created, used).when(use, at("08:59:59")).thenNothing();
    rules
      .given(created, used)
      .when(use, at("09:00:00"))
      .thenTypes(["ApiKeyUsed"], (state) => {
        expect(state.lastUseTime).toEqual(new Date("2026-03-01T09:00:00Z"));
      });
  });
  it("of a revoked one is not recorded", () => {
    rules.given(created, revoked).when(use, context).thenNothing();
  });
});
