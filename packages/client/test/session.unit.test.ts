import { createKeynode } from "@keynode/client/keynode";
import { session, type SessionTokens } from "@keynode/client/session";
import { describe, expect, it } from "vitest";
import { gateway, json, problem, type Sent } from "./gateway.ts";

const lead = { id: "lead_1" };
const baseUrl = "http://crm.example";
const user = { tenant: "acme", email: "a@acme.example", password: "secret" };

/** A gateway that hands out tokens with rising numbers and lets in whoever has the newest. */
const identity = ({ lifeMs = 600_000, refreshes = true } = {}) => {
  let number = 0;
  const tokens = () => {
    number += 1;
    const expireTime = new Date(Date.now() + lifeMs).toISOString();
    return json({ accessToken: `access-${number}`, refreshToken: `refresh-${number}`, expireTime });
  };
  const calls = gateway((sent: Sent) => {
    if (sent.path === "/v1/auth:signIn") return tokens();
    if (sent.path === "/v1/auth:refresh") return refreshes ? tokens() : problem(401, "REFRESH_FAILED");
    const isNewest = sent.headers.get("authorization") === `Bearer access-${number}`;
    return isNewest ? json(lead) : problem(401, "UNAUTHENTICATED");
  });
  return { ...calls, paths: () => calls.sent.map(({ path }) => path), revoke: () => (number += 1) };
};

const keynodeOf = (
  calls: ReturnType<typeof identity>,
  start: SessionTokens | typeof user,
  kept: SessionTokens[] = [],
) =>
  createKeynode({
    baseUrl,
    fetch: calls.fetch,
    credentials: session({ baseUrl, fetch: calls.fetch, start, onTokens: (tokens) => kept.push(tokens) }),
  });

describe("a session", () => {
  it("signs in once, however many requests wait for it", async () => {
    const calls = identity();
    const kept: SessionTokens[] = [];
    const { leads } = keynodeOf(calls, user, kept);
    await Promise.all([leads.get("1"), leads.get("2"), leads.get("3")]);
    expect(calls.paths().filter((path) => path === "/v1/auth:signIn")).toHaveLength(1);
    expect(kept.map(({ refreshToken }) => refreshToken)).toEqual(["refresh-1"]);
  });

  it("refreshes a token before it ends, with the latest refresh token", async () => {
    const calls = identity({ lifeMs: 10_000 });
    const { leads } = keynodeOf(calls, user);
    await leads.get("1");
    await leads.get("2");
    const refreshed = calls.sent.filter(({ path }) => path === "/v1/auth:refresh");
    expect(refreshed.map(({ body }) => body)).toEqual([{ refreshToken: "refresh-1" }]);
  });

  it("goes on with tokens that were kept, and renews one that is refused", async () => {
    const calls = identity();
    const start = {
      accessToken: "access-0",
      refreshToken: "refresh-0",
      expireTime: new Date(Date.now() + 600_000).toISOString(),
    };
    const { leads } = keynodeOf(calls, start);
    calls.revoke();
    expect(await leads.get("1")).toEqual(lead);
    expect(calls.paths()).toEqual(["/v1/leads/1", "/v1/auth:refresh", "/v1/leads/1"]);
  });

  it("that has ended refuses with what the API says", async () => {
    const calls = identity({ refreshes: false });
    const start = {
      accessToken: "access-0",
      refreshToken: "used",
      expireTime: new Date(Date.now() + 600_000).toISOString(),
    };
    calls.revoke();
    await expect(keynodeOf(calls, start).leads.get("1")).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
  });
});
