import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Body, sender } from "./api.ts";
import { type Stack, startStack } from "./stack.ts";

const client = { id: "keynode", secret: "the secret that the provider gave out, 32 characters and more" };
const person = { sub: "wang", name: "Wang Fang", email: "wang.fang@company.example", email_verified: true };

let stack: Stack;
let server: Server;
let issuer: string;
let groups: string[] = [];

/** A company's own provider, with pages for signing in and agreeing. */
beforeAll(async () => {
  stack = await startStack({ SIGN_ON_PRIVATE_NETWORK: "true" });
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { port } = new URL(stack.access.baseUrl);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`http://localhost:${port}/v1/auth/oidc/callback`],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    scopes: ["openid", "email", "profile", "groups"],
    findAccount: (_context, accountId) => ({ accountId, claims: () => Promise.resolve({ ...person, groups }) }),
    pkce: { required: () => true },
    cookies: { keys: ["a key of the test's"] },
  });
  server.on("request", provider.callback());
}, 180_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await stack.stop();
});

/** A browser: follows every redirect, keeps each host's cookies, and fills in the provider's pages. */
const signInFrom = async (url: string): Promise<string> => {
  const jars = new Map<string, Map<string, string>>();
  const open = async (address: string, init: RequestInit = {}): Promise<Response> => {
    const jar = jars.get(new URL(address).host) ?? new Map<string, string>();
    jars.set(new URL(address).host, jar);
    const cookie = [...jar].map((pair) => pair.join("=")).join("; ");
    const response = await fetch(address, { ...init, redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      jar.set(name, value);
    }
    return response;
  };
  let response = await open(url);
  for (let step = 0; step < 20; step += 1) {
    const location = response.headers.get("location");
    if (location !== null) {
      const next = new URL(location, response.url);
      if (next.hash !== "") return next.href;
      response = await open(next.href);
      continue;
    }
    const page = await response.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`${response.status} at ${response.url}: ${page.slice(0, 300)}`);
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const body = new URLSearchParams({ prompt, login: person.sub, password: "any" });
    response = await open(new URL(action, response.url).href, { method: "POST", body });
  }
  throw new Error("the redirects do not end");
};

it("a company's people sign in with their own provider, and the directory's word is law within seconds", async () => {
  const send = sender(stack.access);
  const { body: roles } = await send<{ roles: { id: string; name: string }[] }>("GET", "/v1/roles?pageSize=100");
  const sales = roles.roles.find(({ name }) => name === "Sales")?.id ?? "";
  const made = await send<{ id: string }>("POST", "/v1/identityProviders", {
    body: {
      name: "Company",
      issuer,
      clientId: client.id,
      clientSecret: client.secret,
      scopes: ["email", "profile", "groups"],
      groupMappings: [{ group: "crm-sales", roleIds: [sales] }],
      createsUsers: true,
      enabled: true,
    },
  });
  expect(made.status).toBe(200);

  groups = ["crm-sales"];
  const { port } = new URL(stack.access.baseUrl);
  const arrived = new URL(
    await signInFrom(`http://localhost:${port}/v1/auth/oidc/${made.body.id}/start?returnTo=%2Fleads%3Fmine%3D1`),
  );
  expect(`${arrived.pathname}${arrived.search}`).toBe("/leads?mine=1");
  const code = new URLSearchParams(arrived.hash.slice(1)).get("signInCode");
  const signedIn = await send<{ accessToken: string }>("POST", "/v1/auth:exchange", { body: { code } });
  expect(signedIn.status).toBe(200);
  expect((await send("POST", "/v1/auth:exchange", { body: { code } })).status).toBe(401);

  const authorization = `Bearer ${signedIn.body.accessToken}`;
  const me = await send<{ user: { id: string; email: string; roleIds: string[] } }>("GET", "/v1/me", {
    headers: { authorization },
  });
  expect(me.body.user).toMatchObject({ email: person.email, roleIds: [sales] });

  // The same company's directory, over SCIM: it finds the user and bars them.
  const found = await send<{ Resources: { id: string }[] }>(
    "GET",
    `/scim/v2/Users?filter=${encodeURIComponent(`userName eq "${person.email}"`)}`,
  );
  expect(found.headers.get("content-type")).toBe("application/scim+json");
  expect(found.body.Resources.map(({ id }) => id)).toEqual([me.body.user.id]);
  const barred = await send<Body>("PATCH", `/scim/v2/Users/${me.body.user.id}`, {
    headers: { "content-type": "application/scim+json" },
    body: {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "Replace", path: "active", value: "False" }],
    },
  });
  expect(barred.status).toBe(200);
  await expect
    .poll(async () => (await send("GET", "/v1/me", { headers: { authorization } })).status, { timeout: 10_000 })
    .toBe(401);
});
