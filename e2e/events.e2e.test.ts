import { apiKey } from "@keynode/client/credentials";
import { createKeynode } from "@keynode/client/keynode";
import { expect, inject, it, onTestFinished } from "vitest";
import { eventually, newEmail } from "./api.ts";

const { baseUrl, apiKey: secret } = inject("access");
const keynode = createKeynode({ baseUrl, credentials: apiKey(secret) });

type Told = { readonly id: string; readonly data: { readonly subject: string; readonly type: string } };

/** Reads the stream as a browser does, from an event's id on. */
const reading = async (lastEventId?: string) => {
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const response = await fetch(`${baseUrl}/v1/events:stream?contexts=lead&contexts=account`, {
    headers: {
      authorization: `Bearer ${secret}`,
      accept: "text/event-stream",
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    },
    signal: stopping.signal,
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const told: Told[] = [];
  void (async () => {
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const [, id = ""] = /^id: (.*)$/m.exec(block) ?? [];
        const [, data] = /^data: (.*)$/m.exec(block) ?? [];
        if (data !== undefined) told.push({ id, data: JSON.parse(data) });
      }
    }
  })().catch(() => undefined);
  return {
    of: (subject: string) => told.filter(({ data }) => data.subject === subject),
    stop: () => stopping.abort(),
  };
};

it("what happens in several services is one stream, and resumes where it was left", async () => {
  const first = await reading();
  const lead = await keynode.leads.create({ name: "王芳", email: newEmail() });
  const account = await keynode.accounts.create({
    kind: "COMPANY",
    name: "Acme",
    origin: { kind: "COLLECTED_BY_SALESPERSON" },
  });
  await eventually(
    async () => [first.of(lead.id), first.of(account.id)],
    ([captured, created]) => {
      expect(captured?.map(({ data }) => data.type)).toEqual(["crm.lead.v1.LeadCaptured"]);
      expect(created?.map(({ data }) => data.type)).toEqual(["crm.account.v1.AccountCreated"]);
    },
  );
  const [last] = [...first.of(lead.id), ...first.of(account.id)].sort((a, b) => b.id.length - a.id.length);
  first.stop();

  await keynode.leads.qualify(lead.id);
  const again = await reading(last?.id);
  await eventually(
    async () => again.of(lead.id),
    (told) => expect(told.map(({ data }) => data.type)).toContain("crm.lead.v1.LeadQualified"),
  );
  expect(again.of(lead.id).map(({ data }) => data.type)).toEqual(["crm.lead.v1.LeadQualified"]);
});

it("the TypeScript client reads it line by line", async () => {
  const signal = AbortSignal.timeout(20_000);
  const startTime = new Date(Date.now() - 1_000).toISOString();
  const { id } = await keynode.leads.create({ name: "李伟", email: newEmail() });
  for await (const { cursor, event } of keynode.events.stream({ startTime, recordId: id, signal })) {
    expect(cursor).not.toBe("");
    if (event === undefined) continue;
    expect(event).toMatchObject({ type: "crm.lead.v1.LeadCaptured", subject: id, data: { lead: { name: "李伟" } } });
    break;
  }
});
