import { reject } from "@keynode/decider/domain-error";
import { describe, expect, it } from "vitest";
import { PRINCIPAL } from "../fixtures/principal.ts";
import { type Handler, startFakeService, startTestGateway } from "../fixtures/test-gateway.ts";
import { connectAgent, refusalIn } from "./agent.ts";

const ACCOUNT = "account_01jz8m3k5qf7x9v2t4w6y8a0bc";

const reply: Handler = ({ method, request }) => {
  if (method.endsWith("/GetAccount")) return { json: { id: ACCOUNT, name: "Acme", etag: "1" } };
  if (method.endsWith("/ListAccounts")) {
    const { pageToken } = request as { pageToken?: string };
    return pageToken === undefined
      ? { json: { accounts: [{ id: "account_1", name: "Acme" }], nextPageToken: "second" } }
      : { json: { accounts: [{ id: "account_2" }] } };
  }
  if (method.endsWith("/ListContacts")) return { json: { contacts: [{ id: "contact_1", name: "王芳" }] } };
  if (method.endsWith("/ListOpportunities")) return { json: { opportunities: [{ id: "opportunity_1" }] } };
  return { json: {} };
};

const startAll = async (handler: Handler = reply, setup: Parameters<typeof startTestGateway>[0] = {}) => {
  const fake = await startFakeService(handler);
  const upstreams = { account: fake.port, opportunity: fake.port, contract: fake.port };
  const gateway = await startTestGateway({ ...setup, upstreams });
  return { ...gateway, received: fake.received };
};

const unlistedIn = (meta: Readonly<Record<string, unknown>> | undefined): unknown[] =>
  [meta?.["keynode/unlisted"] ?? []].flat();

describe("the resources", () => {
  it("are records by collection and id, and the profile, as far as the caller's roles grant them", async () => {
    const all = await (await connectAgent((await startAll()).url)).listResourceTemplates();
    const templates = all.resourceTemplates.map(({ uriTemplate }) => uriTemplate);
    expect(templates).toEqual(
      expect.arrayContaining(["keynode://leads/{id}", "keynode://accounts/{id}", "keynode://accounts/{id}/profile"]),
    );
    const { url } = await startAll(reply, {
      authenticate: async () => ({ principal: { ...PRINCIPAL, grants: { "leads.read": "all" } } }),
    });
    const few = await (await connectAgent(url)).listResourceTemplates();
    expect(few.resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(["keynode://leads/{id}"]);
  });

  it("are read as the record is shown to the caller", async () => {
    const agent = await connectAgent((await startAll()).url);
    const uri = `keynode://accounts/${ACCOUNT}`;
    const { contents } = await agent.readResource({ uri });
    expect(contents).toEqual([
      { uri, mimeType: "application/json", text: JSON.stringify({ id: ACCOUNT, etag: "1", name: "Acme" }) },
    ]);
  });

  it("are read as the profile by its address, which the tool answers too", async () => {
    const { url, received } = await startAll();
    const agent = await connectAgent(url);
    const { contents } = await agent.readResource({ uri: `keynode://accounts/${ACCOUNT}/profile` });
    const [content] = contents;
    const read: unknown = JSON.parse(content !== undefined && "text" in content ? content.text : "");
    expect(read).toMatchObject({ account: { id: ACCOUNT }, sections: { opportunities: { items: [{}] } } });
    const { structuredContent } = await agent.callTool({ name: "get_account_profile", arguments: { id: ACCOUNT } });
    expect(structuredContent).toMatchObject({ account: { id: ACCOUNT }, sections: { contacts: { items: [{}] } } });
    const list = received.find(({ method }) => method.endsWith("/ListOpportunities"));
    expect(list?.request).toEqual({ pageSize: 5, filter: `accountId = "${ACCOUNT}"` });
  });

  it.each([
    ["of no collection", "keynode://nothing/1"],
    ["of no id", "keynode://accounts/"],
    ["with an id that is a path", "keynode://accounts/../leads/1"],
    ["of another scheme", "file:///etc/passwd"],
  ])("%s are not there", async (_, uri) => {
    const { url, received } = await startAll();
    await expect((await connectAgent(url)).readResource({ uri })).rejects.toThrow();
    expect(received).toEqual([]);
  });

  it("that the caller may not see are not there either", async () => {
    const { url } = await startAll(() => ({ refusal: reject("NOT_FOUND", { id: ACCOUNT }) }));
    const agent = await connectAgent(url);
    await expect(agent.readResource({ uri: `keynode://accounts/${ACCOUNT}` })).rejects.toMatchObject({
      data: { problem: { code: "NOT_FOUND", status: 404 } },
    });
    const refusal = refusalIn(await agent.callTool({ name: "get_account_profile", arguments: { id: ACCOUNT } }));
    expect(refusal.code).toBe("NOT_FOUND");
  });

  it("are listed page by page, collection by collection, whatever service is away", async () => {
    const { url } = await startAll();
    const agent = await connectAgent(url);
    const found: string[] = [];
    const away: unknown[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 20; pages += 1) {
      const { resources, nextCursor, _meta } = await agent.request({
        method: "resources/list",
        params: cursor === undefined ? {} : { cursor },
      });
      found.push(...resources.map(({ uri, name }) => `${uri} ${name}`));
      away.push(...unlistedIn(_meta));
      cursor = nextCursor;
      if (cursor === undefined) break;
    }
    expect(cursor).toBeUndefined();
    expect(found).toEqual([
      "keynode://accounts/account_1 Acme",
      "keynode://accounts/account_2 account_2",
      "keynode://contacts/contact_1 王芳",
      "keynode://opportunities/opportunity_1 opportunity_1",
    ]);
    expect(away).toContainEqual({
      collection: "leads",
      problem: expect.objectContaining({ code: "UPSTREAM_UNAVAILABLE", status: 503 }),
    });
  });

  it("are an error where none could be listed", async () => {
    const { url } = await startAll(() => ({ refusal: reject("OVERLOADED") }));
    await expect((await connectAgent(url)).request({ method: "resources/list" })).rejects.toMatchObject({
      code: -32603,
      data: { problem: { status: 503 } },
    });
  });

  it("that could not be listed are told of where there were none besides", async () => {
    const { url } = await startAll(() => ({ json: {} }));
    const { resources, nextCursor, _meta } = await (await connectAgent(url)).request({ method: "resources/list" });
    expect([resources, nextCursor]).toEqual([[], undefined]);
    expect(unlistedIn(_meta)).not.toEqual([]);
  });

  it("are an error once time is up", async () => {
    const { url } = await startAll(() => ({ refusal: reject("DEADLINE_EXCEEDED") }));
    await expect((await connectAgent(url)).request({ method: "resources/list" })).rejects.toMatchObject({
      data: { problem: { code: "DEADLINE_EXCEEDED", status: 504 } },
    });
  });

  it("begin nowhere at a cursor whose page the collection does not know", async () => {
    const { url } = await startAll(() => ({ refusal: reject("INVALID_PAGE_TOKEN") }));
    const cursor = Buffer.from('["accounts","forged"]').toString("base64url");
    await expect(
      (await connectAgent(url)).request({ method: "resources/list", params: { cursor } }),
    ).rejects.toMatchObject({ code: -32602, data: { problem: { code: "INVALID_PAGE_TOKEN" } } });
  });

  it("begin nowhere at a cursor that is none", async () => {
    const agent = await connectAgent((await startAll()).url);
    for (const cursor of [
      "x",
      Buffer.from('["nothing",""]').toString("base64url"),
      Buffer.from("{}").toString("base64url"),
    ]) {
      await expect(agent.request({ method: "resources/list", params: { cursor } })).rejects.toMatchObject({
        code: -32602,
      });
    }
  });
});
