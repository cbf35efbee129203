import { describe, expect, it } from "vitest";
import { PRINCIPAL } from "../fixtures/principal.ts";
import { problemIn, startFakeService, startTestGateway } from "../fixtures/test-gateway.ts";
import { connectAgent, refusalIn } from "./agent.ts";

const ACCEPT = "application/json, text/event-stream";
const VERSION = "2025-11-25";

type Setup = Parameters<typeof startTestGateway>[0];

const startAll = async (setup: Setup = {}) => {
  const fake = await startFakeService(() => ({ json: { id: "lead_1" } }));
  const gateway = await startTestGateway({ ...setup, upstreams: { lead: fake.port } });
  const post = (body: unknown, headers: Record<string, string> = {}, path = "/mcp"): Promise<Response> =>
    gateway.sendJson("POST", path, body, { accept: ACCEPT, ...headers });
  return { ...gateway, post, received: fake.received };
};

const call = (id: number, name = "get_lead", args: object = { id: "lead_1" }) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});
const initialize = (protocolVersion: string) => ({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "1" } },
});

describe("the protocol's version", () => {
  it.each(["2025-11-25", "2025-06-18", "2025-03-26"])("%s is spoken where the client asks for it", async (version) => {
    const { post } = await startAll();
    const answer = await post(initialize(version));
    expect(await answer.json()).toMatchObject({
      result: { protocolVersion: version, serverInfo: { name: "keynode" }, capabilities: { tools: {} } },
    });
  });

  it("is one that we speak where the client's is unknown", async () => {
    const { post } = await startAll();
    expect(await (await post(initialize("1999-01-01"))).json()).toMatchObject({
      result: { protocolVersion: VERSION },
    });
  });

  it("without a handshake, of 2026, is spoken to clients of that age", async () => {
    const { url } = await startAll();
    const agent = await connectAgent(url, { options: { versionNegotiation: { mode: { pin: "2026-07-28" } } } });
    expect(agent.getNegotiatedProtocolVersion()).toBe("2026-07-28");
    expect((await agent.callTool({ name: "get_lead", arguments: { id: "lead_1" } })).structuredContent).toEqual({
      id: "lead_1",
    });
  });

  it("that is unknown in the header is refused", async () => {
    const { post } = await startAll();
    expect((await post(call(1), { "mcp-protocol-version": "1999-01-01" })).status).toBe(400);
  });
});

describe("who is let in", () => {
  it("nobody without a credential, who is told where to read how to get one", async () => {
    const { url, post } = await startAll();
    const response = await post(call(1), { authorization: "" });
    expect(response.status).toBe(401);
    const challenge = response.headers.get("www-authenticate") ?? "";
    const address = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? "";
    expect(address).toBe(`${url}/.well-known/oauth-protected-resource/mcp`);
    const metadata = await fetch(address);
    expect(await metadata.json()).toMatchObject({ resource: `${url}/mcp`, bearer_methods_supported: ["header"] });
  });

  it("no page of an origin that the operator did not name, whatever its own address", async () => {
    const { url, post } = await startAll({ env: { CORS_ORIGINS: "https://console.example" } });
    for (const origin of ["https://evil.example", url, "null"]) {
      const refused = await post(call(1), { origin });
      expect(refused.status).toBe(403);
      expect((await problemIn(refused)).code).toBe("ORIGIN_NOT_ALLOWED");
    }
    expect((await post(call(1), { origin: "https://console.example" })).status).toBe(200);
  });

  it("no page of an origin that is another tenant's", async () => {
    const { post } = await startAll({ env: { CORS_ORIGINS: "tenant_2=https://crm.example" } });
    expect((await post(call(1), { origin: "https://crm.example" })).status).toBe(403);
  });

  it("each message of a batch counts against the caller's limit", async () => {
    const { post } = await startAll({ env: { RATE_LIMIT_KEY_PER_S: "2" } });
    const refused = await post([1, 2, 3, 4, 5].map((id) => call(id)));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("what is sent", () => {
  it.each([
    ["no JSON", "{", -32700],
    ["nothing", "null", -32600],
    ["no message", "{}", -32600],
    ["an empty batch", "[]", -32600],
    ["a member twice", '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32600],
  ])("%s is a JSON-RPC error", async (_, body, code) => {
    const { post } = await startAll();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { code } });
  });

  it("that is too large is not read", async () => {
    const { post } = await startAll();
    const refused = await post(call(1, "get_lead", { id: "x".repeat(1_100_000) }));
    expect((await problemIn(refused)).code).toBe("BODY_TOO_LARGE");
  });

  it("that is a notification is taken without an answer", async () => {
    const { post } = await startAll();
    const response = await post({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect([response.status, await response.text()]).toEqual([202, ""]);
  });

  it("as a batch is answered as one where the version has batches, and refused where not", async () => {
    const { post } = await startAll();
    const answered = await post([call(1), call(2, "nothing")]);
    expect(await answered.json()).toMatchObject([
      { id: 1, result: {} },
      { id: 2, error: { code: -32602 } },
    ]);
    for (const body of [[call(1), call(1)], Array.from({ length: 11 }, (_, id) => call(id))]) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post([call(1)], { "mcp-protocol-version": VERSION })).status).toBe(400);
  });

  it("repeats and halves characters in arguments is named as what the tool cannot take", async () => {
    const { url, post } = await startAll();
    expect(url).toBeDefined();
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_leads","arguments":{"filter":"a","filter":"b","orderBy":"\\ud800"}}}';
    const { result } = (await (await post(body)).json()) as { result: Parameters<typeof refusalIn>[0] };
    expect(refusalIn(result).errors?.map(({ parameter, code }) => [parameter, code])).toEqual([
      ["filter", "DUPLICATE_FIELD"],
      ["orderBy", "INVALID_UNICODE"],
    ]);
  });

  it("by other methods than POST finds nothing: there is no session to end and no stream to hear", async () => {
    const { send } = await startAll();
    for (const method of ["GET", "DELETE"]) {
      const response = await send("/mcp", { method, headers: { accept: "text/event-stream" } });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
    }
  });
});

describe("how it is answered", () => {
  it("as JSON, and as an event where the client would rather have that", async () => {
    const { post } = await startAll();
    const plain = await post(call(1));
    expect(plain.headers.get("content-type")).toBe("application/json");
    expect(plain.headers.get("x-request-id")).toBeTruthy();
    expect(plain.headers.get("ratelimit")).toBeTruthy();
    const event = await post(call(1), { accept: "application/json;q=0.5, text/event-stream" });
    expect(event.headers.get("content-type")).toContain("text/event-stream");
    expect(await event.text()).toContain('"structuredContent":{"id":"lead_1"}');
  });
});

describe("a connection that only reads", () => {
  it.each([
    ["by its address", { path: "/mcp?mode=read" }, {}],
    ["by a header", { headers: { "keynode-mcp-mode": "read" } }, {}],
    ["by the operator's will", {}, { MCP_MODE: "read" }],
    ["by the operator's will, whatever the client asks for", { path: "/mcp?mode=write" }, { MCP_MODE: "read" }],
  ])("%s finds no tool that changes anything", async (_, connection, env) => {
    const { url } = await startAll({ env });
    const { tools } = await (await connectAgent(url, connection)).listTools();
    expect(tools.map(({ annotations }) => annotations?.readOnlyHint)).not.toContain(false);
    expect(tools.length).toBeGreaterThan(10);
  });

  it("is for nothing else where the mode is none", async () => {
    const { post } = await startAll();
    const refused = await post(call(1), { "keynode-mcp-mode": "god" }, "/mcp?mode=all&x=1");
    expect((await problemIn(refused)).errors?.map(({ parameter, header }) => parameter ?? header)).toEqual([
      "mode",
      "x",
      "Keynode-Mcp-Mode",
    ]);
  });

  it("there is none where the operator wants none", async () => {
    const { post } = await startAll({ env: { MCP_MODE: "off" } });
    expect((await post(call(1))).status).toBe(404);
  });
});

it("a client that hangs up ends the calls that were made for it", async () => {
  const fake = await startFakeService(() => "never");
  const { url } = await startTestGateway({
    upstreams: { lead: fake.port },
    authenticate: async () => ({ principal: PRINCIPAL }),
  });
  const gone = new AbortController();
  const asked = fetch(`${url}/mcp`, {
    method: "POST",
    headers: { authorization: "Bearer x", accept: ACCEPT, "content-type": "application/json" },
    body: JSON.stringify(call(1)),
    signal: gone.signal,
  });
  await expect.poll(() => fake.received.length).toBe(1);
  gone.abort();
  await expect(asked).rejects.toThrow();
  await fake.received[0]?.cancelled;
});

it("a call that takes too long is given up, and said so", async () => {
  const fake = await startFakeService(() => "never");
  const { url } = await startTestGateway({ upstreams: { lead: fake.port }, env: { DEADLINE_MS: "200" } });
  const agent = await connectAgent(url);
  const refusal = refusalIn(await agent.callTool({ name: "get_lead", arguments: { id: "lead_1" } }));
  expect(refusal.code).toBe("DEADLINE_EXCEEDED");
});
