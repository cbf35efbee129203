import { describe, expect, it } from "vitest";
import { problemIn, shareTestGateway } from "./fixtures/test-gateway.ts";

const gateway = shareTestGateway();

describe("pages", () => {
  it("health and readiness answer without any service", async () => {
    const { url } = gateway();
    for (const path of ["/healthz", "/readyz"]) {
      const response = await fetch(url + path);
      expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
    }
  });

  it("the OpenAPI document is served whole, zipped for those who take it, and not again to those who have it", async () => {
    const { url } = gateway();
    const response = await fetch(`${url}/openapi.json`);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.json()).toMatchObject({ openapi: "3.1.0", paths: { "/v1/leads": {} } });
    const plain = await fetch(`${url}/openapi.json`, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBeNull();
    const again = await fetch(`${url}/openapi.json`, {
      headers: { "if-none-match": response.headers.get("etag") ?? "" },
    });
    expect(again.status).toBe(304);
  });

  it("the docs page loads from the gateway alone, each part zipped and not again to those who have it", async () => {
    const { url } = gateway();
    const page = await fetch(`${url}/docs`);
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self';");
    const links = [...html.matchAll(/<(?:link|script) [^>]*(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? "");
    expect(links.length).toBeGreaterThan(4);
    for (const link of [...links, "/docs/assets/words.js"]) {
      expect(link).toMatch(/^\/docs\/assets\//);
      const response = await fetch(url + link);
      const etag = response.headers.get("etag") ?? "";
      expect([response.status, response.headers.get("content-encoding")]).toEqual([200, "gzip"]);
      expect((await response.text()).length).toBeGreaterThan(100);
      expect((await fetch(url + link, { headers: { "if-none-match": etag } })).status).toBe(304);
    }
  });

  it("the docs page is in the language that its address or else the browser names", async () => {
    const { url } = gateway();
    const cases = [
      ["/docs", "zh-CN,zh;q=0.9", "zh"],
      ["/docs", "de", "en"],
      ["/docs?lang=zh", "en", "zh"],
      ["/docs?lang=en", "zh", "en"],
    ] as const;
    for (const [path, language, expected] of cases) {
      const page = await fetch(url + path, { headers: { "accept-language": language } });
      expect(page.headers.get("vary")?.toLowerCase()).toContain("accept-language");
      expect(await page.text()).toContain(`<html lang="${expected}">`);
    }
  });

  it("the events have a document for programs and a page for people, in the reader's language", async () => {
    const { url } = gateway();
    expect(await (await fetch(`${url}/asyncapi.json`)).json()).toMatchObject({ asyncapi: "3.0.0" });
    for (const [language, word] of [
      ["en", "Keynode events"],
      ["zh", "Keynode 事件"],
    ] as const) {
      const page = await fetch(`${url}/docs/events`, { headers: { "accept-language": language } });
      expect(page.headers.get("vary")?.toLowerCase()).toContain("accept-language");
      expect(await page.text()).toContain(`<h1>${word}</h1>`);
    }
  });

  it("a problem's type leads to a page about it, in the reader's language", async () => {
    const { url } = gateway();
    const known = await fetch(`${url}/problems/ETAG_MISMATCH`, { headers: { "accept-language": "zh" } });
    expect(await known.text()).toContain("记录在读取后已被修改");
    const foreign = await fetch(`${url}/problems/LEAD_EXISTS`);
    expect([foreign.status, await foreign.text()]).toEqual([200, expect.stringContaining("LEAD_EXISTS")]);
    expect((await fetch(`${url}/problems/${encodeURIComponent("<script>")}`)).status).toBe(404);
  });

  it("answers and problems carry the security headers, and no other origin is let in", async () => {
    const { send } = gateway();
    for (const path of ["/v1/things", "/v1/nothing", "/docs"]) {
      const { headers } = await send(path, { headers: { origin: "https://elsewhere.example" } });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("strict-transport-security")).toContain("max-age");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("x-powered-by")).toBeNull();
    }
  });

  it("pages that are not there are problems", async () => {
    const { url } = gateway();
    for (const path of [
      "/docs/nothing",
      "/docs/assets/nothing",
      "/docs/assets/..%2f..%2fpackage.json",
      "/favicon.ico",
    ]) {
      expect((await problemIn(await fetch(url + path))).code).toBe("ROUTE_NOT_FOUND");
    }
  });
});
