import { createServer, type Server } from "node:net";
import { reject } from "@keynode/decider/domain-error";
import { describe, expect, it, onTestFinished } from "vitest";
import { PRINCIPAL } from "./fixtures/principal.ts";
import { problemIn, startFakeService, startTestGateway } from "./fixtures/test-gateway.ts";

describe("a service that is down", () => {
  it("takes only its own routes down, at once, and its routes come back with it", async () => {
    const { send } = await startTestGateway({ upstreams: { lead: 1 } });
    const started = performance.now();
    const response = await send("/v1/leads");
    expect(performance.now() - started).toBeLessThan(1_500);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await problemIn(response)).code).toBe("UPSTREAM_UNAVAILABLE");
    expect((await send("/v1/things")).status).toBe(200);
  });

  it("is found again when it comes back", async () => {
    const handler = () => ({ json: {} });
    const first = await startFakeService(handler);
    const { send } = await startTestGateway({ upstreams: { lead: first.port } });
    expect((await send("/v1/leads")).status).toBe(200);
    first.stop();
    await expect.poll(async () => (await send("/v1/leads")).status).toBe(503);
    const second = await startFakeService(handler, first.port);
    onTestFinished(second.stop);
    await expect.poll(async () => (await send("/v1/leads")).status, { timeout: 10_000 }).toBe(200);
  });

  it("that takes connections and says nothing is not waited for beyond the connect wait", async () => {
    const silent = await listen(createServer());
    const { send } = await startTestGateway({ upstreams: { lead: silent }, env: { CONNECT_WAIT_MS: "200" } });
    const started = performance.now();
    expect((await send("/v1/leads")).status).toBe(503);
    expect(performance.now() - started).toBeLessThan(1_500);
  });
});

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    onTestFinished(() => {
      server.close();
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

describe("a call that goes wrong", () => {
  it("that takes too long is 504, sooner when the client asks for it", async () => {
    const { send } = await startTestGateway({ handler: () => "never", env: { DEADLINE_MS: "300" } });
    const response = await send("/v1/things");
    expect([response.status, (await problemIn(response)).code]).toEqual([504, "DEADLINE_EXCEEDED"]);
  });

  it("a fault tells nothing of itself", async () => {
    for (const code of ["INTERNAL", "UNKNOWN", "DATA_LOSS"] as const) {
      const { send } = await startTestGateway({ handler: () => ({ code, details: "SELECT * FROM secrets" }) });
      const response = await send("/v1/things");
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).not.toContain("SELECT");
      expect(JSON.parse(text)).toMatchObject({ code: "INTERNAL" });
    }
  });

  it("an answer that is damaged is our fault, not the client's", async () => {
    const { send, received } = await startTestGateway({ handler: () => ({ bytes: Buffer.from([0x0a, 0x7f, 0x01]) }) });
    for (const path of ["/v1/things/t1", "/v1/things:watch"]) {
      const response = await send(path);
      expect([response.status, (await problemIn(response)).code]).toEqual([500, "INTERNAL"]);
    }
    await received[1]?.cancelled;
  });

  it.each([
    ["CANCELLED", 499, "CLIENT_CLOSED"],
    ["UNKNOWN", 500, "INTERNAL"],
    ["INVALID_ARGUMENT", 400, "INVALID_REQUEST"],
    ["DEADLINE_EXCEEDED", 504, "DEADLINE_EXCEEDED"],
    ["NOT_FOUND", 404, "NOT_FOUND"],
    ["ALREADY_EXISTS", 409, "ALREADY_EXISTS"],
    ["PERMISSION_DENIED", 403, "PERMISSION_DENIED"],
    ["RESOURCE_EXHAUSTED", 429, "OVERLOADED"],
    ["FAILED_PRECONDITION", 409, "CONFLICT"],
    ["ABORTED", 409, "CONFLICT"],
    ["OUT_OF_RANGE", 400, "INVALID_REQUEST"],
    ["UNIMPLEMENTED", 501, "NOT_IMPLEMENTED"],
    ["INTERNAL", 500, "INTERNAL"],
    ["UNAVAILABLE", 503, "UPSTREAM_UNAVAILABLE"],
    ["DATA_LOSS", 500, "INTERNAL"],
    ["UNAUTHENTICATED", 401, "UNAUTHENTICATED"],
  ] as const)("%s without a reason is %i %s", async (code, status, reason) => {
    const { send } = await startTestGateway({ handler: () => ({ code }) });
    const response = await send("/v1/things");
    const problem = await problemIn(response);
    expect([response.status, problem.status, problem.code]).toEqual([status, status, reason]);
    expect(response.headers.has("retry-after")).toBe(status === 429 || status === 503);
    expect(response.headers.has("www-authenticate")).toBe(status === 401);
  });

  it("a refusal says how long to wait when the service knows", async () => {
    const { send } = await startTestGateway({
      handler: () => ({ refusal: reject("OUTBOX_FULL", { retryAfterMs: "2500" }) }),
    });
    const response = await send("/v1/things");
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "3"]);
  });
});

describe("a credential", () => {
  it("that is missing, malformed or unknown is 401, and no service is called", async () => {
    const { url, received } = await startTestGateway();
    for (const authorization of [
      undefined,
      "",
      "Basic Z29vZA==",
      "Bearer",
      "Bearer b a d",
      "Bearer bad",
      `Bearer ${"a".repeat(9_000)}`,
    ]) {
      const response = await fetch(`${url}/v1/things`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="keynode"']);
      expect((await problemIn(response)).code).toBe("UNAUTHENTICATED");
    }
    expect(received).toEqual([]);
  });

  it("is not needed by a public method, and not looked at", async () => {
    const { url, received } = await startTestGateway();
    const response = await fetch(`${url}/v1/things:open`, { method: "POST", headers: { authorization: "Bearer bad" } });
    expect(response.status).toBe(200);
    expect(received[0]?.metadata.get("authorization")).toEqual([]);
  });

  it("is asked about once, however many requests come with it", async () => {
    let asked = 0;
    const authenticate = async () => {
      asked++;
      return { principal: PRINCIPAL };
    };
    const { send } = await startTestGateway({ authenticate, env: { CREDENTIAL_TTL_MS: "60s" } });
    await Promise.all(Array.from({ length: 20 }, () => send("/v1/things")));
    expect(asked).toBe(1);
  });

  it("that cannot be checked is 503, unless it was checked just now", async () => {
    let isUp = true;
    const authenticate = async () => (isUp ? { principal: PRINCIPAL } : ("unavailable" as const));
    const { send } = await startTestGateway({ authenticate });
    expect((await send("/v1/things")).status).toBe(200);
    isUp = false;
    expect((await send("/v1/things")).status).toBe(200);
    const response = await send("/v1/things", { headers: { authorization: "Bearer other" } });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await problemIn(response)).code).toBe("AUTHENTICATION_UNAVAILABLE");
  });

  it("whose holder's rights changed is looked up anew, and the call made again", async () => {
    let version = 1;
    const authenticate = async () => ({ principal: { ...PRINCIPAL, policyVersion: version } });
    const { send, received } = await startTestGateway({
      authenticate,
      handler: ({ metadata }) =>
        versionIn(String(metadata.get("authorization")[0])) < version
          ? { refusal: reject("UNAUTHENTICATED") }
          : { json: {} },
    });
    expect((await send("/v1/things")).status).toBe(200);
    version = 2;
    expect((await send("/v1/things")).status).toBe(200);
    expect(received).toHaveLength(3);
  });

  it("whose holder's rights change while the call is on its way, likewise", async () => {
    let version = 1;
    const authenticate = async () => ({ principal: { ...PRINCIPAL, policyVersion: version } });
    const { send, received } = await startTestGateway({
      authenticate,
      handler: ({ metadata }) => {
        version = 2;
        const isOutdated = versionIn(String(metadata.get("authorization")[0])) < version;
        return isOutdated ? { refusal: reject("UNAUTHENTICATED") } : { json: {} };
      },
    });
    expect((await send("/v1/things")).status).toBe(200);
    expect(received).toHaveLength(2);
  });

  it("whose holder was locked out meanwhile is 401", async () => {
    let isLocked = false;
    const authenticate = async () => (isLocked ? ("refused" as const) : { principal: PRINCIPAL });
    const { send } = await startTestGateway({
      authenticate,
      handler: () => (isLocked ? { refusal: reject("UNAUTHENTICATED") } : { json: {} }),
    });
    expect((await send("/v1/things")).status).toBe(200);
    isLocked = true;
    expect((await send("/v1/things")).status).toBe(401);
  });

  it("that a service will not believe the gateway about is our fault", async () => {
    const { send } = await startTestGateway({ handler: () => ({ refusal: reject("UNAUTHENTICATED") }) });
    expect((await send("/v1/things")).status).toBe(500);
  });
});

const versionIn = (authorization: string): number => {
  const [, claims = ""] = authorization.split(".");
  const { pv } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { pv: number };
  return pv;
};

describe("limits", () => {
  it("are told with every answer, and refuse with how long to wait", async () => {
    const { send } = await startTestGateway({ env: { RATE_LIMIT_KEY_PER_S: "1", RATE_LIMIT_TENANT_PER_S: "10" } });
    const first = await send("/v1/things");
    expect(first.headers.get("ratelimit-policy")).toBe('"key";q=2;w=2, "tenant";q=20;w=2');
    expect(first.headers.get("ratelimit")).toBe('"key";r=1;t=1');
    await send("/v1/things");
    const response = await send("/v1/things");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await problemIn(response)).code).toBe("RATE_LIMITED");
  });

  it("one key of a tenant leaves the others their share", async () => {
    const authenticate = async (credential: string) => ({ principal: { ...PRINCIPAL, actor: credential } });
    const { send } = await startTestGateway({
      authenticate,
      env: { RATE_LIMIT_KEY_PER_S: "2", RATE_LIMIT_TENANT_PER_S: "4" },
    });
    const as = (credential: string) => send("/v1/things", { headers: { authorization: `Bearer ${credential}` } });
    const greedy = await Promise.all(Array.from({ length: 12 }, () => as("greedy")));
    expect(greedy.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(5);
    expect((await as("modest")).status).toBe(200);
  });

  it("guessing credentials is slowed down by address", async () => {
    const { send } = await startTestGateway({ env: { RATE_LIMIT_ADDRESS_PER_S: "1" } });
    const guess = (index: number) => send("/v1/things", { headers: { authorization: `Bearer guess${index}` } });
    expect([(await guess(1)).status, (await guess(2)).status, (await guess(3)).status]).toEqual([401, 401, 429]);
  });
});

describe("stopping", () => {
  it("finishes what it began, and takes nothing new", async () => {
    let answer: (reply: { json: {} }) => void = () => undefined;
    const { url, send, received, close } = await startTestGateway({
      handler: () => new Promise((resolve) => (answer = resolve)),
      env: { DRAIN_MS: "5000" },
    });
    const begun = send("/v1/things");
    await expect.poll(() => received.length).toBe(1);
    const closed = close();
    await expect
      .poll(() =>
        fetch(`${url}/readyz`).then(
          () => "open",
          () => "closed",
        ),
      )
      .toBe("closed");
    answer({ json: {} });
    expect((await begun).status).toBe(200);
    await closed;
  });

  it("cuts off what takes longer than the drain time", async () => {
    const { send, received, close } = await startTestGateway({ handler: () => "never", env: { DRAIN_MS: "100" } });
    const begun = send("/v1/things").catch(() => "cut off");
    await expect.poll(() => received.length).toBe(1);
    await close();
    expect(await begun).toBe("cut off");
  });
});
