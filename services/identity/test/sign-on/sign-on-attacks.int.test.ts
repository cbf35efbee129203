import type { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../start.ts";
import { type Draft, type ForgingProvider, hashOf, accessToken, startForgingProvider } from "./forging-provider.ts";
import { listening } from "./listening.ts";
import { type SignOnStack, startSignOnStack } from "./sign-on-stack.ts";

let stack: SignOnStack;
let forger: ForgingProvider;
let provider: IdentityProvider;

const clientId = "keynode";

beforeAll(async () => {
  [stack, forger] = await Promise.all([startSignOnStack(), startForgingProvider(clientId)]);
  provider = await stack.provide({ issuer: forger.issuer, clientId, createsUsers: true });
});
afterAll(() => forger.close());
beforeEach(() => forger.forge(() => undefined));

const begin = async (identityProviderId = provider.id) => {
  const begun = await stack.gateway.startSignOn({ identityProviderId, returnTo: "/" });
  forger.visit(begun.authorizationUrl);
  return begun;
};
const queryFor = (state: string, more: Record<string, string> = {}) =>
  new URLSearchParams({ code: "c1", state, iss: forger.issuer, ...more }).toString();

/** A sign-in that everybody but the forger did right. */
const signIn = async (change: (draft: Draft) => void = () => undefined) => {
  const { state, browserSecret } = await begin();
  forger.forge(change);
  return await stack.gateway.completeSignOn({ query: queryFor(state), browserSecret });
};

describe("an answer of the provider", () => {
  it("is accepted when it is right, with or without a hash of the access token", async () => {
    expect((await signIn()).code).not.toBe("");
    const { code } = await signIn(({ claims }) => Object.assign(claims, { at_hash: hashOf(accessToken) }));
    expect(code).not.toBe("");
  });

  const forgeries: readonly (readonly [what: string, forge: (draft: Draft) => void])[] = [
    ["with another nonce", ({ claims }) => Object.assign(claims, { nonce: "another" })],
    ["without a nonce", ({ claims }) => Object.assign(claims, { nonce: undefined })],
    ["for another client", ({ claims }) => Object.assign(claims, { aud: "another" })],
    [
      "for several clients, issued to another",
      ({ claims }) => Object.assign(claims, { aud: [clientId, "b"], azp: "b" }),
    ],
    ["of another issuer", ({ claims }) => Object.assign(claims, { iss: "https://another.example" })],
    ["that has expired", ({ claims }) => Object.assign(claims, { exp: Math.floor(Date.now() / 1_000) - 120 })],
    ["that never expires", ({ claims }) => Object.assign(claims, { exp: undefined })],
    ["about nobody", ({ claims }) => Object.assign(claims, { sub: undefined })],
    ["for another access token", ({ claims }) => Object.assign(claims, { at_hash: hashOf("another") })],
    ["signed by a key that is not the provider's", (draft) => Object.assign(draft, { isForeignKey: true })],
    ["signed by nobody", (draft) => Object.assign(draft, { algorithm: "none" })],
    ["signed with the public key as a password", (draft) => Object.assign(draft, { algorithm: "HS256" })],
    [
      "without an ID token",
      (draft) => {
        draft.answer = { status: 200, body: { access_token: accessToken, token_type: "Bearer" } };
      },
    ],
    [
      "to a code that was used",
      (draft) => {
        draft.answer = { status: 400, body: { error: "invalid_grant" } };
      },
    ],
  ];
  it.each(forgeries)("%s lets nobody in", async (_what, forge) => {
    expect(await refusal(signIn(forge))).toMatchObject({ code: "UNAUTHENTICATED", reason: "PROVIDER_ANSWER_INVALID" });
  });
  it("that hides groups lets nobody in: nobody keeps rights that they may have lost", async () => {
    const forged = signIn(({ claims }) =>
      Object.assign(claims, { groups: undefined, _claim_names: { groups: "src1" }, _claim_sources: { src1: {} } }),
    );
    expect(await refusal(forged)).toMatchObject({ reason: "SIGN_ON_GROUPS_UNKNOWN" });
  });
  it("that knows no such client is the operator's to look at", async () => {
    const forged = signIn((draft) => {
      draft.answer = { status: 401, body: { error: "invalid_client" } };
    });
    expect(await refusal(forged)).toMatchObject({ code: "FAILED_PRECONDITION", reason: "PROVIDER_MISCONFIGURED" });
  });
});

describe("a browser that comes back", () => {
  it("twice with one answer is let in once", async () => {
    const { state, browserSecret } = await begin();
    const back = () => stack.gateway.completeSignOn({ query: queryFor(state), browserSecret });
    const outcomes = await Promise.allSettled([back(), back()]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await refusal(back())).toMatchObject({ code: "UNAUTHENTICATED", reason: "SIGN_ON_EXPIRED" });
  });
  it("is the one that went: nobody signs in by an answer that is slipped to them", async () => {
    const attackers = await begin();
    const victims = await begin();
    for (const browserSecret of ["", victims.browserSecret]) {
      const slipped = stack.gateway.completeSignOn({ query: queryFor(attackers.state), browserSecret });
      expect(await refusal(slipped)).toMatchObject({ reason: "SIGN_ON_EXPIRED" });
    }
  });
  it.each([
    ["no state", () => "code=c1"],
    ["a state that nobody gave out", () => queryFor("a".repeat(43))],
    ["two states", (state: string) => `${queryFor(state)}&state=${"a".repeat(43)}`],
  ])("with %s is not let in", async (_what, query) => {
    const { state, browserSecret } = await begin();
    const back = stack.gateway.completeSignOn({ query: query(state), browserSecret });
    expect(await refusal(back)).toMatchObject({ reason: "SIGN_ON_EXPIRED" });
  });
  it("later than ten minutes after it went is not let in", async () => {
    const { state, browserSecret } = await begin();
    await stack.under.db.collection("signOnsBegun").updateMany({}, { $set: { expireAt: new Date(Date.now() - 1) } });
    const back = stack.gateway.completeSignOn({ query: queryFor(state), browserSecret });
    expect(await refusal(back)).toMatchObject({ reason: "SIGN_ON_EXPIRED" });
  });
  it("from another provider than it went to is not let in, and its code goes nowhere", async () => {
    const { state, browserSecret } = await begin();
    const asked = forger.asked.length;
    for (const iss of ["https://evil.example", ""]) {
      const mixedUp = await begin();
      const back = { query: queryFor(mixedUp.state, { iss }), browserSecret: mixedUp.browserSecret };
      expect(await refusal(stack.gateway.completeSignOn(back))).toMatchObject({ reason: "PROVIDER_ANSWER_INVALID" });
    }
    const withoutIssuer = { query: new URLSearchParams({ code: "c1", state }).toString(), browserSecret };
    expect(await refusal(stack.gateway.completeSignOn(withoutIssuer))).toMatchObject({
      reason: "PROVIDER_ANSWER_INVALID",
    });
    expect(forger.asked).toHaveLength(asked);
  });
  it("refused by the provider is told so, in the provider's word and nothing else of it", async () => {
    const { state, browserSecret } = await begin();
    const error = { error: "access_denied", error_description: "<script>" };
    const query = new URLSearchParams({ state, iss: forger.issuer, ...error }).toString();
    expect(await refusal(stack.gateway.completeSignOn({ query, browserSecret }))).toMatchObject({
      reason: "SIGN_ON_DENIED",
      metadata: { error: "access_denied" },
    });
  });
});

describe("what the provider is asked", () => {
  it("proves that who exchanges the code began the sign-in, by S256", async () => {
    const { authorizationUrl, state, browserSecret } = await begin();
    await stack.gateway.completeSignOn({ query: queryFor(state), browserSecret });
    const { searchParams } = new URL(authorizationUrl);
    expect(searchParams.get("code_challenge_method")).toBe("S256");
    const verifier = forger.asked.at(-1)?.get("code_verifier") ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    expect(Buffer.from(digest).toString("base64url")).toBe(searchParams.get("code_challenge"));
    expect(verifier.length).toBeGreaterThanOrEqual(43);
  });
  it("cannot be worked out from what is stored", async () => {
    const { authorizationUrl, browserSecret } = await begin();
    const nonce = new URL(authorizationUrl).searchParams.get("nonce") ?? "none";
    const stored = JSON.stringify(await stack.under.db.collection("signOnsBegun").find().toArray());
    for (const secret of [nonce, browserSecret, new URL(authorizationUrl).searchParams.get("state") ?? "none"]) {
      expect(stored).not.toContain(secret);
    }
  });
});

describe("a code for a session", () => {
  it("is good once", async () => {
    const { code } = await signIn();
    const exchange = () => stack.visitor.exchangeSignOnCode({ code });
    const outcomes = await Promise.allSettled([exchange(), exchange()]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await refusal(exchange())).toMatchObject({ code: "UNAUTHENTICATED", reason: "SIGN_ON_EXPIRED" });
  });
  it("is good for a minute", async () => {
    const { code } = await signIn();
    const row = await stack.under.db.collection("signOnsCompleted").findOne({}, { sort: { expireAt: -1 } });
    expect(row?.["expireAt"].getTime() - Date.now()).toBeLessThanOrEqual(60_000);
    await stack.under.db
      .collection("signOnsCompleted")
      .updateMany({}, { $set: { expireAt: new Date(Date.now() - 1) } });
    expect(await refusal(stack.visitor.exchangeSignOnCode({ code }))).toMatchObject({ reason: "SIGN_ON_EXPIRED" });
  });
});

describe("the way back", () => {
  it.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "/.//evil.example/",
    "javascript:alert(1)",
    "leads",
    "/#code",
  ])("never leads elsewhere: %s", async (returnTo) => {
    const begun = stack.gateway.startSignOn({ identityProviderId: provider.id, returnTo });
    expect(await refusal(begun)).toMatchObject({ reason: "RETURN_TO_REFUSED", fields: ["return_to"] });
  });
});

describe("a provider that is down", () => {
  it("is told of within seconds, whether it refuses connections, fails or never answers", async () => {
    const gone = await listening();
    const failing = await listening();
    const silent = await listening();
    silent.serve(() => undefined);
    await gone.close();
    for (const { origin } of [gone, failing, silent]) {
      const { id } = await stack.provide({ issuer: origin, clientId });
      const startedMs = performance.now();
      expect(await refusal(stack.gateway.startSignOn({ identityProviderId: id, returnTo: "" }))).toMatchObject({
        code: "UNAVAILABLE",
        reason: "PROVIDER_UNAVAILABLE",
      });
      expect(performance.now() - startedMs).toBeLessThan(8_000);
    }
    await Promise.all([failing.close(), silent.close()]);
  }, 30_000);
  it("is not believed to be another than it was set up as", async () => {
    const impostor = await startForgingProvider(clientId);
    impostor.pretend((metadata) => {
      metadata["issuer"] = forger.issuer;
    });
    const { id } = await stack.provide({ issuer: impostor.issuer, clientId });
    expect(await refusal(stack.gateway.startSignOn({ identityProviderId: id, returnTo: "" }))).toMatchObject({
      reason: "PROVIDER_MISCONFIGURED",
    });
    await impostor.close();
  });
});

describe("nobody but the gateway", () => {
  it("begins or completes a sign-in", async () => {
    const begun = stack.visitor.startSignOn({ identityProviderId: provider.id, returnTo: "" });
    expect(await refusal(begun)).toMatchObject({ reason: "INTERNAL_METHOD" });
    const completed = stack.visitor.completeSignOn({ query: "state=s", browserSecret: "" });
    expect(await refusal(completed)).toMatchObject({ reason: "INTERNAL_METHOD" });
  });
});
