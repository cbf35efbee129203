import type { Client } from "@modelcontextprotocol/client";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { newActor } from "./access/actors.ts";
import { connectAgent, problemIn } from "./access/mcp-face.ts";
import { type Api, eventually, newEmail, newPhone } from "./api.ts";
import { newTenant } from "./tenant.ts";

/** The main job as an agent does it: by tools only, each change shown before it is confirmed. */

type Preview = {
  readonly confirmation: string;
  readonly changes: readonly { readonly field: string; readonly before?: unknown; readonly after?: unknown }[];
};
type Record_ = Readonly<Record<string, unknown>> & { readonly id: string };

let admin: Api;
let agent: Client;
let credential: string;
const { baseUrl } = inject("access");

beforeAll(async () => {
  admin = await newTenant();
  ({ credential } = await newActor(admin, baseUrl, { "*": "ALL" }));
  agent = await connectAgent(baseUrl, credential);
}, 120_000);

const answerOf = async <Shape>(client: Client, name: string, args: object): Promise<Shape> => {
  const result = await client.callTool({ name, arguments: args as Record<string, unknown> });
  const problem = problemIn(result);
  if (problem !== undefined) throw new Error(`${name}: ${JSON.stringify(problem)}`);
  return result.structuredContent as Shape;
};
const refusalOf = async (client: Client, name: string, args: object) => {
  const problem = problemIn(await client.callTool({ name, arguments: args as Record<string, unknown> }));
  if (problem === undefined) throw new Error(`${name} was not refused`);
  return problem;
};
const preview = (name: string, args: object): Promise<Preview> => answerOf<Preview>(agent, name, args);
const confirm = (confirmation: string): Promise<Record_> => answerOf<Record_>(agent, "confirm", { confirmation });
/** Shows, then does. */
const does = async (name: string, args: object): Promise<Record_> => confirm((await preview(name, args)).confirmation);

describe("an agent does the main job", () => {
  test("from a lead to a deal that is won, and sees it on the customer's profile", async () => {
    const lead = await does("create_lead", {
      name: "王芳",
      company: "Acme",
      email: newEmail(),
      phone: newPhone(),
      source: "TRADE_SHOW",
    });
    expect(await answerOf(agent, "get_lead", { id: lead.id })).toMatchObject({ name: "王芳", status: "NEW" });

    const shown = await preview("qualify_lead", { id: lead.id, note: "Has a budget" });
    expect(shown.changes).toContainEqual({ field: "status", before: "NEW", after: "QUALIFIED" });
    expect(await answerOf(agent, "get_lead", { id: lead.id })).toMatchObject({ status: "NEW" });
    expect(await confirm(shown.confirmation)).toMatchObject({ status: "QUALIFIED" });

    const converted = await does("convert_lead", { id: lead.id });
    const { accountId, opportunityId } = converted["conversion"] as { accountId: string; opportunityId: string };
    await eventually(
      async () => problemIn(await agent.callTool({ name: "get_opportunity", arguments: { id: opportunityId } })),
      (problem) => expect(problem).toBeUndefined(),
    );
    const won = await does("win_opportunity", { id: opportunityId, reason: "PRICE" });
    expect(won).toMatchObject({ status: "WON" });

    const task = await does("create_task", {
      accountId,
      kind: "FOLLOW_UP",
      subject: "Say thank you",
      dueTime: "2036-01-05T00:00:00Z",
    });
    expect(await does("complete_task", { id: task.id, outcome: "Said" })).toMatchObject({ status: "DONE" });

    const { contents } = await agent.readResource({ uri: `keynode://accounts/${accountId}/profile` });
    const [content] = contents;
    expect(content !== undefined && "text" in content ? content.text : "").toContain(opportunityId);
    const { resources } = await agent.listResources();
    expect(resources.map(({ uri }) => uri)).toContain(`keynode://accounts/${accountId}`);
  });
});

describe("a confirmation", () => {
  test("that is given twice has one effect and one answer", async () => {
    const { confirmation } = await preview("create_lead", { name: "Li Wei", source: "PHONE", email: newEmail() });
    const answers = await Promise.all([confirm(confirmation), confirm(confirmation)]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await confirm(confirmation)).toEqual(answers[0]);
    const { leads } = await answerOf<{ leads: Record_[] }>(agent, "list_leads", { filter: 'source = "PHONE"' });
    expect(leads.filter(({ id }) => id === answers[0].id)).toHaveLength(1);
  });

  test("of a record that moved on is refused, and so is another's, a forged one and one of nothing", async () => {
    const lead = await does("create_lead", { name: "Li Na", source: "PHONE", email: newEmail() });
    const { confirmation } = await preview("update_lead", { id: lead.id, company: "Acme" });
    await admin.patch(`/v1/leads/${lead.id}`, { company: "Beta" });
    expect(await refusalOf(agent, "confirm", { confirmation })).toMatchObject({ code: "ETAG_MISMATCH", status: 412 });
    expect(await admin.get(`/v1/leads/${lead.id}`)).toMatchObject({ company: "Beta" });

    const other = await connectAgent(baseUrl, (await newActor(admin, baseUrl, { "*": "ALL" })).credential);
    const mine = await preview("update_lead", { id: lead.id, company: "Mine" });
    expect(await refusalOf(other, "confirm", { confirmation: mine.confirmation })).toMatchObject({
      code: "CONFIRMATION_INVALID",
    });
    const forged = `A${mine.confirmation.slice(1)}`;
    expect((await refusalOf(agent, "confirm", { confirmation: forged })).code).toBe("CONFIRMATION_INVALID");
  });
});

describe("an agent is refused", () => {
  test("a duplicate, when it asks what would be, with the record that is in the way", async () => {
    const email = newEmail();
    const { id } = await does("create_lead", { name: "Li", source: "PHONE", email });
    expect(await refusalOf(agent, "create_lead", { name: "Li", source: "PHONE", email })).toMatchObject({
      code: "LEAD_EXISTS",
      metadata: { leadId: id },
    });
  });

  test("another tenant's records, as if there were none", async () => {
    const { id } = await does("create_lead", { name: "Li", source: "PHONE", email: newEmail() });
    const foreign = await newTenant();
    const outsider = await connectAgent(baseUrl, (await newActor(foreign, baseUrl, { "*": "ALL" })).credential);
    for (const name of ["get_lead", "qualify_lead"]) {
      expect(await refusalOf(outsider, name, { id })).toMatchObject({ code: "NOT_FOUND", status: 404 });
    }
    await expect(outsider.readResource({ uri: `keynode://leads/${id}` })).rejects.toThrow();
  });

  test("every argument that is wrong, each by its name", async () => {
    const args = JSON.parse('{"name": 5, "nmae": "x", "source": "PHONE", "__proto__": {"admin": true}}') as object;
    const problem = await refusalOf(agent, "create_lead", args);
    expect(problem.errors?.map(({ pointer, code }) => [pointer, code]).toSorted()).toEqual([
      ["#/__proto__", "UNKNOWN_FIELD"],
      ["#/name", "EXPECTED_STRING"],
      ["#/nmae", "UNKNOWN_FIELD"],
    ]);
  });

  test("every change on a connection that only reads, and by a key that may only read", async () => {
    const reading = await connectAgent(baseUrl, credential, { path: "/mcp?mode=read" });
    const key = await newActor(admin, baseUrl, { "leads.read": "ALL" });
    const limited = await connectAgent(baseUrl, key.credential);
    for (const client of [reading, limited]) {
      const names = (await client.listTools()).tools.map(({ name }) => name);
      expect(names).toContain("list_leads");
      expect(names.filter((name) => /^(?:create|update|confirm|qualify)/.test(name))).toEqual([]);
    }
    const asked = { name: "Li", source: "PHONE" };
    expect((await refusalOf(reading, "create_lead", asked)).code).toBe("READ_ONLY_CONNECTION");
    expect((await refusalOf(limited, "create_lead", asked)).code).toBe("PERMISSION_DENIED");
  });
});
