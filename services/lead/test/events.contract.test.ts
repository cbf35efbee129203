import { newId } from "@keynode/aggregate/type-id";
import {
  type CloudEvent,
  EventServiceService,
  StreamEventsRequest,
  type StreamEventsResponse,
} from "@keynode/contracts/crm/chassis/v1/event_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { RpcError } from "@keynode/grpc/rpc-error";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startForTest(leadService);
});

type Grants = Readonly<Record<string, "own" | "team" | "all">>;

/** Reads the stream as a user with these grants, until the test ends. */
const reading = (actor: string, grants: Grants, request: Partial<StreamEventsRequest> = {}) => {
  const client = under.client(EventServiceService, { actor, grants: { "events.stream": "own", ...grants } });
  const stopping = new AbortController();
  const events: CloudEvent[] = [];
  const messages: StreamEventsResponse[] = [];
  let failure: unknown;
  const running = (async () => {
    const stream = client.streamEvents(StreamEventsRequest.fromPartial(request), { signal: stopping.signal });
    for await (const message of stream) {
      messages.push(message);
      if (message.event) events.push(message.event);
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  onTestFinished(() => stopping.abort());
  return {
    events,
    messages,
    begun: () => expect.poll(() => messages.length, { timeout: 10_000 }).toBeGreaterThan(0),
    seen: (subject: string) =>
      expect.poll(() => events.map((event) => event.subject), { timeout: 15_000 }).toContain(subject),
    ended: async () => {
      await running;
      return failure;
    },
  };
};

const newLead = (fields: Partial<Lead> = {}): Promise<Lead> =>
  under
    .client(LeadServiceService)
    .createLead({ lead: Lead.fromPartial({ name: "王芳", email: `${newId("mail")}@example.com`, ...fields }) });

describe("a service's stream of events", () => {
  it("tells what happens as CloudEvents, a record's in their order, with a cursor each", async () => {
    const stream = reading(newId("user"), { "leads.*": "all" });
    await stream.begun();
    const { id } = await newLead();
    await under.client(LeadServiceService).qualifyLead({ id, etag: "", note: "has budget" });
    await expect.poll(() => stream.events.filter(({ subject }) => subject === id).length, { timeout: 15_000 }).toBe(2);
    const [captured, qualified] = stream.events.filter(({ subject }) => subject === id);
    expect(captured).toMatchObject({
      specversion: "1.0",
      source: "/crm/lead",
      type: "crm.lead.v1.LeadCaptured",
      datacontenttype: "application/json",
      kind: "lead",
      tenant: under.tenant,
      data: { snapshot: { id, name: "王芳", status: "NEW" } },
    });
    expect(qualified).toMatchObject({ type: "crm.lead.v1.LeadQualified" });
    expect((qualified?.recordversion ?? 0) > (captured?.recordversion ?? 0)).toBe(true);
    expect(stream.messages.every(({ cursor }) => /^[\w-]{34}$/.test(cursor))).toBe(true);
  });

  it("goes on behind a cursor", async () => {
    const first = reading(newId("user"), { "leads.*": "all" });
    await first.begun();
    const { cursor = "" } = first.messages.at(-1) ?? {};
    const [one, two] = [await newLead(), await newLead()];
    await first.seen(two.id);
    const again = reading(newId("user"), { "leads.*": "all" }, { after: cursor });
    await again.seen(two.id);
    expect(again.events.map(({ subject }) => subject)).toEqual(expect.arrayContaining([one.id, two.id]));
    const last = first.messages.findLast(({ event }) => event?.subject === one.id);
    const later = reading(newId("user"), { "leads.*": "all" }, { after: last?.cursor ?? "" });
    await later.seen(two.id);
    expect(later.events.map(({ subject }) => subject)).not.toContain(one.id);
  });

  it("shows each caller the records within reach of the right to read them, and nothing of other tenants", async () => {
    const owner = await under.user();
    const startTime = new Date();
    const [mine, others] = [await newLead({ ownerId: owner }), await newLead()];
    const own = reading(owner, { "leads.read": "own" }, { startTime });
    const all = reading(newId("user"), { "leads.read": "all" }, { startTime });
    const none = reading(newId("user"), { "accounts.read": "all" }, { startTime });
    const foreign = under.client(EventServiceService, { tenant: newId("tenant") });
    await all.seen(others.id);
    await own.seen(mine.id);
    expect(own.events.map(({ subject }) => subject)).not.toContain(others.id);
    expect(none.events).toEqual([]);
    const [first] = await Array.fromAsync(
      (async function* () {
        for await (const message of foreign.streamEvents(StreamEventsRequest.fromPartial({ startTime }))) {
          yield message;
          return;
        }
      })(),
    );
    expect(first?.event).toBeUndefined();
  });

  it("masks what the caller may not see of a record, as the record itself does", async () => {
    const startTime = new Date();
    const { id } = await newLead({ phone: "+8613812340000" });
    const masked = reading(newId("user"), { "leads.read": "all" }, { startTime });
    const open = reading(newId("user"), { "leads.read": "all", "leads.readSensitive": "all" }, { startTime });
    await Promise.all([masked.seen(id), open.seen(id)]);
    const phoneIn = ({ events }: ReturnType<typeof reading>) => events.find(({ subject }) => subject === id)?.data;
    expect(phoneIn(masked)).toMatchObject({ snapshot: { phone: "+86138****0000" } });
    expect(JSON.stringify(masked.events)).not.toContain("13812340000");
    expect(phoneIn(open)).toMatchObject({ snapshot: { phone: "+8613812340000" } });
  });

  it("leaves out what is not wanted, and ends where nothing can be", async () => {
    const startTime = new Date();
    const [one, two] = [await newLead(), await newLead()];
    await under.client(LeadServiceService).qualifyLead({ id: one.id, etag: "", note: "" });
    const byType = reading(newId("user"), { "leads.*": "all" }, { startTime, types: ["crm.lead.v1.LeadQualified"] });
    const byRecord = reading(newId("user"), { "leads.*": "all" }, { startTime, recordId: two.id });
    await Promise.all([byType.seen(one.id), byRecord.seen(two.id)]);
    expect(byType.events.map(({ type }) => type)).toEqual(["crm.lead.v1.LeadQualified"]);
    expect(byRecord.events.map(({ subject }) => subject)).toEqual([two.id]);
    for (const request of [{ types: ["crm.account.v1.AccountCreated"] }, { contexts: ["account"] }]) {
      expect(await reading(newId("user"), { "leads.*": "all" }, request).ended()).toBeUndefined();
    }
  });

  it("is refused without the permission, and for a cursor that it never told", async () => {
    const denied = under.client(EventServiceService, { actor: newId("user"), grants: { "leads.*": "all" } });
    await expect(Array.fromAsync(denied.streamEvents(StreamEventsRequest.fromPartial({})))).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
    const failure = await reading(newId("user"), { "leads.*": "all" }, { after: "none" }).ended();
    if (!(failure instanceof RpcError)) throw failure;
    expect(failure.details.violations).toMatchObject([{ field: "after", reason: "INVALID_CURSOR" }]);
  });
});
