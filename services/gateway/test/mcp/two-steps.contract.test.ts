import { generateKeyPair } from "@keynode/auth/key-pair";
import { reject } from "@keynode/decider/domain-error";
import { describe, expect, it } from "vitest";
import { PRINCIPAL } from "../fixtures/principal.ts";
import { type Handler, type Received, startFakeService, startTestGateway } from "../fixtures/test-gateway.ts";
import { connectAgent, refusalIn } from "./agent.ts";

const LEAD = "lead_01jz8m3k5qf7x9v2t4w6y8a0bc";
const BEFORE = { id: LEAD, name: "王芳", status: "NEW", etag: "3" };
const AFTER = { id: LEAD, name: "王芳", status: "QUALIFIED", etag: "4" };

const nameOf = ({ method }: Received): string => method.split("/")[1] ?? "";
const metadataIn = ({ metadata }: Received, key: string) => metadata.get(key)[0];

/** A lead service that shows the lead before, and answers every command with the lead after. */
const reply: Handler = (received) => ({ json: nameOf(received) === "GetLead" ? BEFORE : AFTER });

const startAll = async (handler: Handler = reply, setup: Parameters<typeof startTestGateway>[0] = {}) => {
  const fake = await startFakeService(handler);
  const gateway = await startTestGateway({ ...setup, upstreams: { lead: fake.port } });
  return { ...gateway, received: fake.received };
};

type Preview = { confirmation: string; expireTime: string; changes: unknown[]; record: object; warnings: unknown[] };
const previewIn = ({ structuredContent }: { structuredContent?: unknown }) => structuredContent as Preview;

describe("a tool that changes something", () => {
  it("shows what would happen, field by field, and asks its service for nothing more", async () => {
    const { url, received } = await startAll();
    const agent = await connectAgent(url);
    const { tools } = await agent.listTools();
    expect(tools.find(({ name }) => name === "qualify_lead")).toMatchObject({
      annotations: { readOnlyHint: false, destructiveHint: false },
      description: expect.stringContaining("Changes nothing by itself") as string,
    });
    const preview = previewIn(await agent.callTool({ name: "qualify_lead", arguments: { id: LEAD, note: "Budget" } }));
    expect(preview).toMatchObject({
      changes: [{ field: "status", before: "NEW", after: "QUALIFIED" }],
      record: { id: LEAD, status: "QUALIFIED" },
      warnings: [],
    });
    expect(preview.record).not.toHaveProperty("etag");
    expect(received.map(nameOf)).toEqual(["GetLead", "QualifyLead"]);
    const [, tried] = received;
    expect(tried && metadataIn(tried, "keynode-validate-only")).toBe("true");
    expect(tried && metadataIn(tried, "if-match")).toBe("3");
  });

  it("that would change nothing says so", async () => {
    const { url } = await startAll(() => ({ json: BEFORE }));
    const preview = previewIn(
      await (await connectAgent(url)).callTool({ name: "qualify_lead", arguments: { id: LEAD } }),
    );
    expect(preview).toMatchObject({ changes: [], warnings: [{ code: "NO_CHANGE" }] });
  });

  it("shows of a record that it would make everything that it would have", async () => {
    const { url, received } = await startAll(() => ({ json: { id: LEAD, name: "Li", status: "NEW", etag: "1" } }));
    const agent = await connectAgent(url);
    const preview = previewIn(
      await agent.callTool({ name: "create_lead", arguments: { name: "Li", source: "PHONE" } }),
    );
    expect(preview.changes).toEqual([
      { field: "id", after: LEAD },
      { field: "status", after: "NEW" },
      { field: "name", after: "Li" },
    ]);
    expect(received.map(({ request }) => request)).toEqual([{ lead: { name: "Li", source: "PHONE" } }]);
  });

  it("says what the command is refused with, wrong arguments first of all", async () => {
    const { url } = await startAll((received) =>
      nameOf(received) === "GetLead"
        ? { refusal: reject("NOT_FOUND", { id: LEAD }) }
        : { refusal: reject("INVALID_REQUEST", {}, [{ field: "lead.email", reason: "INVALID_REQUEST" }]) },
    );
    const agent = await connectAgent(url);
    const refusal = refusalIn(await agent.callTool({ name: "update_lead", arguments: { id: LEAD, email: "x" } }));
    expect(refusal).toMatchObject({ code: "INVALID_REQUEST", errors: [{ pointer: "#/email" }] });
    const unknown = refusalIn(await agent.callTool({ name: "update_lead", arguments: { id: 5, emial: "x" } }));
    expect(unknown.errors?.map(({ parameter, pointer }) => parameter ?? pointer)).toEqual(["id", "#/emial"]);
  });

  it("shows nothing of a record that its caller may not see", async () => {
    const { url } = await startAll((received) =>
      nameOf(received) === "GetLead" ? { refusal: reject("PERMISSION_DENIED") } : { json: AFTER },
    );
    const agent = await connectAgent(url);
    expect(refusalIn(await agent.callTool({ name: "qualify_lead", arguments: { id: LEAD } })).code).toBe(
      "PERMISSION_DENIED",
    );
  });

  it("takes no more than can be repeated", async () => {
    const { url, received } = await startAll();
    const agent = await connectAgent(url);
    const refusal = refusalIn(
      await agent.callTool({ name: "update_lead", arguments: { id: LEAD, company: "x".repeat(20_000) } }),
    );
    expect(refusal.code).toBe("BODY_TOO_LARGE");
    expect(received).toEqual([]);
  });
});

describe("a confirmation", () => {
  it("does what was shown: the same request, on the same version, under one key however often", async () => {
    const { url, received } = await startAll();
    const agent = await connectAgent(url);
    const { confirmation } = previewIn(
      await agent.callTool({ name: "qualify_lead", arguments: { id: LEAD, note: "Budget" } }),
    );
    const answers = [];
    for (let times = 0; times < 2; times += 1) {
      answers.push(await agent.callTool({ name: "confirm", arguments: { confirmation } }));
    }
    expect(answers.map(({ structuredContent }) => structuredContent)).toEqual([AFTER, AFTER]);
    const [, tried, first, second] = received;
    if (!tried || !first || !second) throw new Error("calls are missing");
    expect(received).toHaveLength(4);
    expect([first.bytes, second.bytes]).toEqual([tried.bytes, tried.bytes]);
    for (const done of [first, second]) {
      expect(metadataIn(done, "keynode-validate-only")).toBeUndefined();
      expect(metadataIn(done, "idempotency-key")).toBe(metadataIn(tried, "idempotency-key"));
      expect(metadataIn(done, "if-match")).toBe("3");
    }
  });

  it("is good at another gateway of the installation, and at none of another's", async () => {
    const fake = await startFakeService(reply);
    const key = JSON.stringify((await generateKeyPair()).privateJwk);
    const start = (env: Record<string, string>) => startTestGateway({ upstreams: { lead: fake.port }, env });
    const [one, two, foreign] = [
      await start({ INTERNAL_KEY: key }),
      await start({ INTERNAL_KEY: key }),
      await start({}),
    ];
    const preview = await (await connectAgent(one.url)).callTool({ name: "qualify_lead", arguments: { id: LEAD } });
    const confirm = { name: "confirm", arguments: { confirmation: previewIn(preview).confirmation } };
    expect((await (await connectAgent(two.url)).callTool(confirm)).structuredContent).toEqual(AFTER);
    expect(refusalIn(await (await connectAgent(foreign.url)).callTool(confirm)).code).toBe("CONFIRMATION_INVALID");
  });

  it("is its caller's alone", async () => {
    const { url } = await startAll(reply, {
      authenticate: async (credential) => ({ principal: { ...PRINCIPAL, actor: credential } }),
    });
    const preview = await (await connectAgent(url, { credential: "apikey_1" })).callTool({
      name: "qualify_lead",
      arguments: { id: LEAD },
    });
    const other = await connectAgent(url, { credential: "apikey_2" });
    const refusal = refusalIn(
      await other.callTool({ name: "confirm", arguments: { confirmation: previewIn(preview).confirmation } }),
    );
    expect(refusal).toMatchObject({ code: "CONFIRMATION_INVALID", status: 400 });
  });

  it("of a record that has changed since is refused, in words that say so", async () => {
    const { url } = await startAll((received) =>
      metadataIn(received, "keynode-validate-only") === undefined && nameOf(received) === "QualifyLead"
        ? { refusal: reject("ETAG_MISMATCH", { id: LEAD, etag: "5" }) }
        : reply(received),
    );
    const agent = await connectAgent(url);
    const { confirmation } = previewIn(await agent.callTool({ name: "qualify_lead", arguments: { id: LEAD } }));
    expect(refusalIn(await agent.callTool({ name: "confirm", arguments: { confirmation } }))).toMatchObject({
      code: "ETAG_MISMATCH",
      status: 412,
    });
  });

  it("is the one argument of its tool", async () => {
    const { url } = await startAll();
    const agent = await connectAgent(url);
    const refusal = refusalIn(await agent.callTool({ name: "confirm", arguments: { confirmed: true, id: LEAD } }));
    expect(refusal.errors?.map(({ parameter, code }) => [parameter, code])).toEqual([
      ["confirmed", "UNKNOWN_FIELD"],
      ["id", "UNKNOWN_FIELD"],
      ["confirmation", "EXPECTED_STRING"],
    ]);
    const forged = await agent.callTool({ name: "confirm", arguments: { confirmation: "Zm9yZ2Vk" } });
    expect(refusalIn(forged).code).toBe("CONFIRMATION_INVALID");
  });

  it("is not taken where nothing may be changed, and neither are the tools that lead to it", async () => {
    const { url, received } = await startAll();
    const { confirmation } = previewIn(
      await (await connectAgent(url)).callTool({ name: "qualify_lead", arguments: { id: LEAD } }),
    );
    const reader = await connectAgent(url, { path: "/mcp?mode=read" });
    for (const call of [
      { name: "confirm", arguments: { confirmation } },
      { name: "qualify_lead", arguments: { id: LEAD } },
    ]) {
      expect(refusalIn(await reader.callTool(call)).code).toBe("READ_ONLY_CONNECTION");
    }
    expect(received.filter((one) => nameOf(one) === "QualifyLead")).toHaveLength(1);
  });

  it("is asked for in the caller's language, and only of those who may change something", async () => {
    const { url } = await startAll(reply, {
      authenticate: async (credential) => ({
        principal: {
          ...PRINCIPAL,
          grants: credential === "reader" ? { "*.read": "all", "leads.read": "all" } : { "*": "all" },
        },
      }),
    });
    const reader = await (await connectAgent(url, { credential: "reader" })).listTools();
    expect(reader.tools.map(({ name }) => name)).not.toContain("confirm");
    const writer = await connectAgent(url, { credential: "writer", headers: { "accept-language": "zh" } });
    const confirm = (await writer.listTools()).tools.find(({ name }) => name === "confirm");
    expect(confirm).toMatchObject({
      title: expect.stringMatching(/\p{Script=Han}/u) as string,
      annotations: { destructiveHint: true },
    });
    expect(writer.getInstructions()).toMatch(/\p{Script=Han}/u);
  });
});
