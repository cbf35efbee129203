import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { expect, inject, test } from "vitest";
import { acceptance } from "./acceptance.ts";
import { api, eventually, filter } from "./api.ts";
import type { Lead, Page } from "./records.ts";
import { newLead } from "./steps.ts";

const client = api();

type Entry = {
  readonly id: string;
  readonly time: string;
  readonly kind: string;
  readonly action: string;
  readonly actor: string;
  readonly actorKind: string;
  readonly service: string;
  readonly collection: string;
  readonly recordIds?: string[];
  readonly recordCount?: string;
  readonly fields?: string[];
  readonly requestId?: string;
  readonly network?: string;
  readonly agent?: string;
};

const entries = async (expression: string): Promise<readonly Entry[]> =>
  (await client.get<Page<"auditEntries", Entry>>(`/v1/auditEntries?${filter(expression)}`)).auditEntries ?? [];

const found = async (expression: string, check: (rows: readonly Entry[]) => void): Promise<readonly Entry[]> => {
  let rows: readonly Entry[] = [];
  await eventually(async () => (rows = await entries(expression)), check);
  return rows;
};

/** As a client that reads streams does. */
const streamed = async (url: string, accept: string): Promise<string> => {
  const { baseUrl, apiKey } = inject("access");
  const response = await fetch(`${baseUrl}${url}`, { headers: { authorization: `Bearer ${apiKey}`, accept } });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, accept]);
  return await response.text();
};

// The trail's own export is the one that there is by now; those of other records join it with theirs.
acceptance("C-134", "an export is in the audit trail, with who took it out, when, and how many rows", async () => {
  const { id } = await newLead(client, { name: "王芳" });
  await client.patch<Lead>(`/v1/leads/${id}`, { company: "Acme 2" });
  await client.get(`/v1/leads/${id}`);
  const all = await found(`recordIds:"${id}"`, (rows) =>
    expect(rows.map(({ action }) => action)).toEqual(expect.arrayContaining(["LeadCaptured", "LeadEdited", "GetLead"])),
  );
  const { actor } = (await client.get<{ principal: { actor: string } }>("/v1/me")).principal;
  const entry = (action: string) => all.find((each) => each.action === action);
  expect(entry("LeadEdited")).toMatchObject({
    kind: "CHANGE",
    service: "lead",
    collection: "leads",
    actor,
    actorKind: "API_KEY",
    fields: ["company"],
    network: "127.0.0.0/24",
    agent: "library",
  });
  expect(entry("GetLead")).toMatchObject({ kind: "READ", fields: expect.arrayContaining(["email"]), recordCount: "1" });
  expect(JSON.stringify(all)).not.toContain("王芳");

  const before = Date.now();
  const query = filter(`recordIds:"${id}"`);
  const lines = (await streamed(`/v1/auditEntries:export?${query}`, "application/x-ndjson")).trimEnd().split("\n");
  const [header = "", ...rows] = (await streamed(`/v1/auditEntries:export?${query}`, "text/csv"))
    .trimEnd()
    .split("\r\n");
  expect(lines.map((line) => (JSON.parse(line) as Entry).id)).toEqual(
    expect.arrayContaining(all.map((each) => each.id)),
  );
  expect(header.split(",").slice(0, 2)).toEqual(["id", "time"]);
  expect(rows).toHaveLength(lines.length);

  const exported = await found(`kind = EXPORT AND actor = "${actor}"`, (exports) =>
    expect(exports.filter(({ time }) => Date.parse(time) >= before - 1_000)).toHaveLength(2),
  );
  expect(exported[0]).toMatchObject({
    action: "ExportAuditEntries",
    collection: "auditEntries",
    actor,
    recordCount: String(lines.length),
  });
});

test("the verifier passes over an installation as it is, and names the row of a journal that was tampered with", async () => {
  const { baseUrl, apiKey, below } = inject("access");
  const verify = () =>
    promisify(execFile)(
      process.execPath,
      ["--conditions=source", path.resolve(import.meta.dirname, "../tools/audit-verify.ts"), "--service", "lead"],
      { env: { ...process.env, KEYNODE_URL: baseUrl, KEYNODE_API_KEY: apiKey } },
    ).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
    );
  const { id } = await newLead(client);
  const [captured] = await found(`recordIds:"${id}" AND action = "LeadCaptured"`, (rows) =>
    expect(rows).toEqual([expect.objectContaining({ sequence: expect.stringMatching(/^\d+$/) })]),
  );
  expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/INTACT .*lead/) });

  const mongo = mongoClient(below.mongoUrl);
  try {
    const journal = mongo.db("keynode_lead").collection<{ _id: string; actor: string }>("journal");
    const before = await journal.findOne({ _id: captured?.id ?? "" });
    await journal.updateOne({ _id: captured?.id ?? "" }, { $set: { actor: "user_other" } });
    expect(await verify()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`JOURNAL_ROW_ALTERED ${captured?.id}`),
    });
    await journal.updateOne({ _id: captured?.id ?? "" }, { $set: { actor: before?.actor ?? "" } });
    expect(await verify()).toMatchObject({ code: 0 });
  } finally {
    await mongo.close();
  }
}, 120_000);
