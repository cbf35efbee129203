import { reject } from "@keynode/decider/domain-error";
import { onTestFinished, expect, it } from "vitest";
import { type Handler, problemIn, startFakeService, startTestGateway } from "../fixtures/test-gateway.ts";

const state = "s".repeat(43);
const browserSecret = "b".repeat(43);
const provider = "identityprovider_01jz8m3k5qf7x9v2t4w6y8a0bc";
const cookieName = `__Host-keynode-sign-on-${"s".repeat(12)}`;

/** A gateway in front of an identity service that answers as told. */
const behind = async (handler: Handler) => {
  const identity = await startFakeService(handler);
  onTestFinished(identity.stop);
  const { url } = await startTestGateway({ upstreams: { identity: identity.port } });
  const open = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { headers, redirect: "manual" });
  return { open, received: identity.received };
};

const errors = {
  SIGN_ON_EXPIRED: { code: "UNAUTHENTICATED", message: { en: "Begin again.", zh: "请重新登录。" } },
} as const;

it("a sign-in begins with a redirect to the provider and a cookie that only this browser and this site have", async () => {
  const authorizationUrl = "https://login.example/authorize?client_id=crm";
  const { open, received } = await behind(() => ({ json: { authorizationUrl, state, browserSecret } }));
  const response = await open(`/v1/auth/oidc/${provider}/start?returnTo=%2Fleads%3Fmine%3D1`);
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe(authorizationUrl);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.getSetCookie()).toEqual([
    `${cookieName}=${browserSecret}; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax`,
  ]);
  expect(received[0]).toMatchObject({
    method: "crm.identity.v1.SignOnService/StartSignOn",
    request: { identityProviderId: provider, returnTo: "/leads?mine=1" },
  });
});

it("a browser that comes back brings its own secret of the right sign-in, and takes a code along in the fragment", async () => {
  const { open, received } = await behind(() => ({ json: { returnTo: "/leads?mine=1", code: "c0de" } }));
  const query = `code=c1&state=${state}&iss=https%3A%2F%2Flogin.example&session_state=x`;
  const response = await open(`/v1/auth/oidc/callback?${query}`, {
    cookie: `__Host-keynode-sign-on-other=wrong; ${cookieName}=${browserSecret}; theme=dark`,
  });
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("/leads?mine=1#signInCode=c0de");
  expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  expect(response.headers.getSetCookie()).toEqual([
    `${cookieName}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`,
  ]);
  expect(received[0]).toMatchObject({
    method: "crm.identity.v1.SignOnService/CompleteSignOn",
    request: { query, browserSecret },
  });
});

it("a refusal is a problem in the browser's language, and uses the cookie up all the same", async () => {
  const { open } = await behind(() => ({ refusal: reject("SIGN_ON_EXPIRED"), errors }));
  const response = await open(`/v1/auth/oidc/callback?code=c1&state=${state}`);
  expect(response.headers.getSetCookie()).toEqual([expect.stringContaining("Max-Age=0")]);
  expect(await problemIn(response)).toMatchObject({ status: 401, code: "SIGN_ON_EXPIRED" });
});

it("a place that is wrong has the name that the browser sent it by", async () => {
  const violations = [{ field: "return_to", reason: "RETURN_TO_REFUSED" }];
  const refused = { RETURN_TO_REFUSED: { code: "INVALID_ARGUMENT", message: { en: "No.", zh: "否。" } } } as const;
  const { open } = await behind(() => ({ refusal: reject("RETURN_TO_REFUSED", {}, violations), errors: refused }));
  const { errors: named } = await problemIn(await open(`/v1/auth/oidc/${provider}/start?returnTo=//evil.example`));
  expect(named).toMatchObject([{ parameter: "returnTo", code: "RETURN_TO_REFUSED" }]);
});

it("an identity service that is away is told of", async () => {
  const { url } = await startTestGateway();
  const response = await fetch(`${url}/v1/auth/oidc/${provider}/start`, { redirect: "manual" });
  expect(await problemIn(response)).toMatchObject({ status: 503 });
});

it("other methods than GET are none", async () => {
  const { open } = await behind(() => ({ json: {} }));
  expect((await open("/v1/auth/oidc/callback/start/x")).status).toBe(404);
  const { url } = await startTestGateway();
  expect((await fetch(`${url}/v1/auth/oidc/callback`, { method: "POST" })).status).toBe(405);
});
