import { reject } from "@keynode/decider/domain-error";
import { describe, expect, it } from "vitest";
import { PRINCIPAL } from "../fixtures/principal.ts";
import { type Handler, startFakeService, startTestGateway } from "../fixtures/test-gateway.ts";
import { connectAgent, refusalIn } from "./agent.ts";

const LEAD = "lead_01jz8m3k5qf7x9v2t4w6y8a0bc";

/** A gateway whose lead service is the fake one. */
const startAll = async (handler: Handler, setup: Omit<Parameters<typeof startTestGateway>[0], "handler"> = {}) => {
  const fake = await startFakeService(handler);
  const gateway = await startTestGateway({ ...setup, upstreams: { lead: fake.port } });
  return { ...gateway, received: fake.received };
};

const leads = (count: number, fill = "") => ({
  leads: Array.from({ length: count }, (_, index) => ({ id: `lead_${index}`, name: `Lead ${index}`, company: fill })),
  nextPageToken: "more",
});

describe("what an agent finds", () => {
  it("is every tool of the contract, with its comment and a schema that stands by itself", async () => {
    const { url } = await startAll(() => ({ json: {} }));
    const { tools } = await (await connectAgent(url)).listTools();
    expect(tools.length).toBeGreaterThan(20);
    expect(tools.length).toBeLessThan(80);
    const list = tools.find(({ name }) => name === "list_leads");
    expect(list).toMatchObject({
      title: "Lists the leads that the caller may see, newest first",
      annotations: { readOnlyHint: true },
      inputSchema: { type: "object", additionalProperties: false, properties: { pageSize: { maximum: 100 } } },
    });
    expect(tools.find(({ name }) => name === "get_lead")?.inputSchema.required).toEqual(["id"]);
    for (const { inputSchema, outputSchema } of tools) {
      const text = JSON.stringify([inputSchema, outputSchema]);
      expect(text).not.toContain("#/components");
      for (const [, name = ""] of text.matchAll(/"#\/\$defs\/([^"]+)"/g)) {
        expect([inputSchema.$defs, outputSchema?.["$defs"]].some((defs) => Object.hasOwn(defs ?? {}, name))).toBe(true);
      }
    }
  });

  it("is what the caller's roles grant", async () => {
    const { url } = await startAll(() => ({ json: {} }), {
      authenticate: async () => ({ principal: { ...PRINCIPAL, grants: { "leads.read": "own" } } }),
    });
    const { tools } = await (await connectAgent(url)).listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(["get_lead", "list_leads"]);
  });
});

describe("a tool that reads", () => {
  it("answers as REST does, as JSON for programs and as text", async () => {
    const { url, received } = await startAll(() => ({ json: { id: LEAD, name: "王芳", etag: "3" } }));
    const result = await (await connectAgent(url)).callTool({
      name: "get_lead",
      arguments: { id: LEAD, readMask: "id,name" },
    });
    expect(result.structuredContent).toEqual({ id: LEAD, name: "王芳", etag: "3" });
    expect(result.content).toEqual([{ type: "text", text: JSON.stringify(result.structuredContent) }]);
    expect(received[0]?.request).toEqual({ id: LEAD, readMask: "id,name" });
  });

  it("lists few rows unless asked for more, and never more than a hundred", async () => {
    const { url, received } = await startAll(() => ({ json: leads(1) }));
    const agent = await connectAgent(url);
    for (const pageSize of [undefined, 7, 1_000]) {
      await agent.callTool({ name: "list_leads", arguments: pageSize === undefined ? {} : { pageSize } });
    }
    expect(received.map(({ request }) => (request as { pageSize: number }).pageSize)).toEqual([20, 7, 100]);
  });

  it("answers a page with fewer rows where it would be too long, with the way to go on", async () => {
    const { url, received } = await startAll(({ request }) => ({
      json: leads((request as { pageSize: number }).pageSize, "x".repeat(4_000)),
    }));
    const result = await (await connectAgent(url)).callTool({ name: "list_leads", arguments: { pageSize: 100 } });
    const page = result.structuredContent as { leads: unknown[]; nextPageToken: string };
    expect(received).toHaveLength(2);
    expect(page.leads.length).toBeLessThan(17);
    expect(page.leads.length).toBeGreaterThan(8);
    expect(page.nextPageToken).toBe("more");
  });

  it("refuses a single record that is too long, and says how to get less", async () => {
    const { url } = await startAll(() => ({ json: { id: LEAD, company: "x".repeat(70_000) } }));
    const refusal = refusalIn(await (await connectAgent(url)).callTool({ name: "get_lead", arguments: { id: LEAD } }));
    expect(refusal).toMatchObject({ code: "ANSWER_TOO_LARGE" });
    expect(refusal.detail).toContain("readMask");
  });

  it("names every argument that is wrong or that it does not have, in the caller's language", async () => {
    const { url, received } = await startAll(() => ({ json: {} }));
    const agent = await connectAgent(url, { headers: { "accept-language": "zh-CN" } });
    const args = JSON.parse('{"pageSize": "many", "fliter": "x", "__proto__": {"admin": true}, "orderBy": 5}') as {};
    const refusal = refusalIn(await agent.callTool({ name: "list_leads", arguments: args }));
    expect(refusal).toMatchObject({ code: "INVALID_REQUEST", status: 400 });
    expect(refusal.errors?.map(({ parameter, code }) => [parameter, code]).toSorted()).toEqual([
      ["__proto__", "UNKNOWN_FIELD"],
      ["fliter", "UNKNOWN_FIELD"],
      ["orderBy", "EXPECTED_STRING"],
      ["pageSize", "EXPECTED_INTEGER"],
    ]);
    expect(refusal.detail).toMatch(/\p{Script=Han}/u);
    expect(received).toEqual([]);
  });

  it("says what its service refuses, and is the only one away when its service is", async () => {
    const { url } = await startAll(() => ({ refusal: reject("PERMISSION_DENIED", { permission: "leads.read" }) }));
    const agent = await connectAgent(url);
    const denied = refusalIn(await agent.callTool({ name: "get_lead", arguments: { id: LEAD } }));
    expect(denied).toMatchObject({ code: "PERMISSION_DENIED", status: 403, metadata: { permission: "leads.read" } });
    const away = refusalIn(await agent.callTool({ name: "list_accounts", arguments: {} }));
    expect(away).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", status: 503 });
  });

  it("is no tool where it has another name", async () => {
    const { url } = await startAll(() => ({ json: {} }));
    const agent = await connectAgent(url);
    await expect(agent.callTool({ name: "drop_everything", arguments: {} })).rejects.toMatchObject({ code: -32602 });
  });
});
