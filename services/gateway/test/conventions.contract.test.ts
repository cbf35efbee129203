import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { problemIn, shareTestGateway, startTestGateway } from "./fixtures/test-gateway.ts";

const MANY = { json: { things: Array.from({ length: 200 }, (_, index) => ({ id: `thing_${index}` })) } };

/** As it came over the wire: fetch undoes codings. */
const raw = (url: string, headers: Record<string, string>, method = "GET") =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, fail) => {
    const sent = httpRequest(url, { method, headers: { authorization: "Bearer good", ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.once("error", fail).end();
  });

describe("a long answer", () => {
  const gateway = shareTestGateway({
    handler: ({ method }) =>
      method.endsWith("ListThings") ? MANY : { json: { id: "t1", name: "x".repeat(5_000), etag: "3" } },
  });

  it("leaves in the coding that its client wants most", async () => {
    const url = `${gateway().url}/v1/things`;
    const plain = await raw(url, {});
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.headers["vary"]).toBe("Accept-Encoding");
    const gzipped = await raw(url, { "accept-encoding": "gzip, br;q=0.5" });
    const brotlied = await raw(url, { "accept-encoding": "gzip, deflate, br, zstd" });
    expect([gzipped.headers["content-encoding"], brotlied.headers["content-encoding"]]).toEqual(["gzip", "br"]);
    expect(gunzipSync(gzipped.body)).toEqual(plain.body);
    expect(brotliDecompressSync(brotlied.body)).toEqual(plain.body);
    expect(gzipped.body.length).toBeLessThan(plain.body.length / 4);
    expect(Number(gzipped.headers["content-length"])).toBe(gzipped.body.length);
  });

  it("leaves as it is for those who take no coding", async () => {
    const { headers } = await raw(`${gateway().url}/v1/things`, { "accept-encoding": "zstd, gzip;q=0, *;q=0" });
    expect(headers["content-encoding"]).toBeUndefined();
  });

  it("that is one record leaves as it is, since its tag is a strong one", async () => {
    const { headers } = await raw(`${gateway().url}/v1/things/t1`, { "accept-encoding": "gzip" });
    expect([headers["etag"], headers["content-encoding"]]).toEqual(['"3"', undefined]);
  });
});

it("a short answer is not worth packing", async () => {
  const { url } = await startTestGateway({ handler: () => ({ json: { things: [{ id: "a" }] } }) });
  expect((await raw(`${url}/v1/things`, { "accept-encoding": "gzip" })).headers["content-encoding"]).toBeUndefined();
});

it("a list that has not changed is not sent again", async () => {
  let name = "a";
  const { send } = await startTestGateway({ handler: () => ({ json: { things: [{ name }] } }) });
  const first = await send("/v1/things");
  const etag = first.headers.get("etag") ?? "";
  expect(etag).toMatch(/^W\/"[\w-]{43}"$/);
  const again = await send("/v1/things", { headers: { "if-none-match": etag } });
  expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, etag, ""]);
  name = "b";
  expect((await send("/v1/things", { headers: { "if-none-match": etag } })).status).toBe(200);
});

it("a client that takes no JSON is told so before anything is done", async () => {
  const { send, sendJson, received } = await startTestGateway();
  const read = await send("/v1/things", { headers: { accept: "text/html, application/xml" } });
  const write = await sendJson("POST", "/v1/things", { name: "a" }, { accept: "application/pdf" });
  expect([read.status, write.status]).toEqual([406, 406]);
  expect((await problemIn(write)).metadata).toEqual({ offered: "application/json" });
  expect(received).toEqual([]);
  expect((await send("/v1/things", { headers: { accept: "text/html, */*;q=0.1" } })).status).toBe(200);
});

it("a method that others replace says since when, until when, and where to go, whatever it answers", async () => {
  const { send } = await startTestGateway();
  for (const headers of [{}, { accept: "text/html" }, { authorization: "Bearer bad" }]) {
    const answer = await send("/v1/things/t1/parts", { headers });
    expect(answer.headers.get("deprecation")).toBe("@1795392000");
    expect(answer.headers.get("sunset")).toBe("Mon, 31 May 2027 00:00:00 GMT");
    expect(answer.headers.get("link")).toBe('</docs#parts>; rel="deprecation", </docs#parts>; rel="sunset"');
  }
  expect((await send("/v1/things")).headers.get("deprecation")).toBeNull();
});

describe("pages of other origins", () => {
  const CONSOLE = "https://console.example";
  const ACME = "https://crm.acme.example";
  const allowing = (tenant: string) => ({ env: { CORS_ORIGINS: `${CONSOLE}, ${tenant}=${ACME}` } });
  const preflight = (origin: string) => ({
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "PATCH", authorization: "" },
  });

  it("are kept out unless the operator lets them in", async () => {
    const { send } = await startTestGateway();
    for (const answer of [
      await send("/v1/things", { headers: { origin: CONSOLE } }),
      await send("/v1/things", preflight(CONSOLE)),
    ]) {
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(answer.headers.get("vary") ?? "").not.toContain("Origin");
    }
  });

  it("that are let in may send what the API takes, and read what it answers", async () => {
    const { send } = await startTestGateway(allowing("tenant_1"));
    const asked = await send("/v1/things/t1", preflight(CONSOLE));
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(CONSOLE);
    expect(asked.headers.get("access-control-allow-methods")).toBe("GET, PATCH, HEAD, OPTIONS");
    expect(asked.headers.get("access-control-allow-headers")).toContain("If-Match");
    for (const path of ["/v1/things/t1", "/v1/nothing", "/openapi.json"]) {
      const { headers } = await send(path, { headers: { origin: CONSOLE } });
      expect(headers.get("access-control-allow-origin"), path).toBe(CONSOLE);
      expect(headers.get("vary"), path).toContain("Origin");
      expect(headers.get("access-control-allow-credentials"), path).toBeNull();
    }
  });

  it("may call for the tenant that they are let in for, and for no other", async () => {
    const own = await startTestGateway(allowing("tenant_1"));
    const others = await startTestGateway(allowing("tenant_2"));
    const ask = (gateway: typeof own) => gateway.send("/v1/things", { headers: { origin: ACME } });
    expect((await ask(own)).headers.get("access-control-allow-origin")).toBe(ACME);
    const kept = await ask(others);
    expect([kept.headers.get("access-control-allow-origin"), kept.headers.get("vary")]).toEqual([
      null,
      "Origin, Accept-Encoding",
    ]);
  });

  it("that nobody named stay out", async () => {
    const { send } = await startTestGateway(allowing("tenant_1"));
    for (const origin of ["https://evil.example", `${CONSOLE}.evil.example`, "null", `${CONSOLE}:8443`]) {
      expect((await send("/v1/things", { headers: { origin } })).headers.get("access-control-allow-origin")).toBeNull();
      expect((await send("/v1/things", preflight(origin))).headers.get("access-control-allow-methods")).toBeNull();
    }
  });

  it("must be origins, or the gateway does not start", async () => {
    for (const wrong of ["*", "console.example", `${CONSOLE}/app`, `${CONSOLE}, ftp://x`]) {
      await expect(startTestGateway({ env: { CORS_ORIGINS: wrong } })).rejects.toThrow("CORS_ORIGINS");
    }
  });
});
