import { CreateLeadRequest, GetLeadRequest, LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { expect, test, vi } from "vitest";
import { openChannel } from "../src/channel.ts";
import { grpcClient } from "../src/client.ts";
import { domainErrorOf, statusOf } from "../src/status.ts";
import { LEAD_ID, lead, ownErrors, refusal, serve } from "./fixture.ts";

const get = GetLeadRequest.fromPartial({ id: LEAD_ID });
const create = CreateLeadRequest.fromPartial({ lead: lead({ id: "", name: "Lin" }) });
/** Unavailable, and to be tried again at once. */
const unavailable = reject("STORE_UNAVAILABLE", { retryAfterMs: "0" });

/** Answers the outcomes given, one a call, then the lead. */
const answering = (...outcomes: DomainError[]) => {
  const handler = Object.assign(
    async () => {
      handler.calls += 1;
      return outcomes.shift() ?? lead();
    },
    { calls: 0 },
  );
  return handler;
};

test("a read is tried again while the service is unavailable", async () => {
  const getLead = answering(unavailable, unavailable);
  const { as } = await serve({ leads: { getLead } });
  expect(await as("seller").leads.getLead(get)).toEqual(lead());
  expect(getLead.calls).toBe(3);
});

test("a read is given up after four attempts", async () => {
  const getLead = answering(...Array.from({ length: 9 }, () => unavailable));
  const { as } = await serve({ leads: { getLead } });
  expect(await refusal(as("seller").leads.getLead(get))).toMatchObject({ details: { reason: "STORE_UNAVAILABLE" } });
  expect(getLead.calls).toBe(4);
});

test("a read is not tried again when the delay asked for ends after the deadline", async () => {
  const getLead = answering(reject("STORE_UNAVAILABLE", { retryAfterMs: "60000" }));
  const { as } = await serve({ leads: { getLead } });
  expect(await refusal(as("seller").leads.getLead(get))).toMatchObject({ details: { retryDelayMs: 60_000 } });
  expect(getLead.calls).toBe(1);
});

test("a write is never tried again", async () => {
  const createLead = answering(unavailable);
  const { as } = await serve({ leads: { createLead } });
  expect(await refusal(as("seller").leads.createLead(create))).toMatchObject({ code: "UNAVAILABLE" });
  expect(createLead.calls).toBe(1);
});

test("a refusal that is not about availability is not tried again", async () => {
  const getLead = answering(reject("CONFLICT"));
  const { as } = await serve({ leads: { getLead } });
  expect(await refusal(as("seller").leads.getLead(get))).toMatchObject({ code: "ABORTED" });
  expect(getLead.calls).toBe(1);
});

test("a call may bring a token of its own", async () => {
  const { as } = await serve({ leads: { getLead: answering() } });
  expect(await as(undefined).leads.getLead(get, { token: async () => "seller" })).toEqual(lead());
});

test("a service that is not there is unavailable", async () => {
  const client = grpcClient(LeadServiceService, { address: "127.0.0.1:9", deadlineMs: 500 });
  expect(await refusal(client.createLead(create))).toMatchObject({ code: "UNAVAILABLE" });
  client.close();
});

test("calls are spread over all replicas of a service, and go on over those that are left", async () => {
  const handlers = [answering(), answering()];
  const replicas = await Promise.all(handlers.map((getLead) => serve({ leads: { getLead } })));
  const address = `ipv4:${replicas.map(({ server }) => `127.0.0.1:${server.port}`).join(",")}`;
  const client = grpcClient(LeadServiceService, { address, deadlineMs: 5_000, token: async () => "seller" });
  const bothAnswer = async (): Promise<void> => {
    expect(await client.getLead(get)).toEqual(lead());
    expect(handlers.map(({ calls }) => calls > 0)).toEqual([true, true]);
  };
  await vi.waitFor(bothAnswer, { timeout: 5_000, interval: 10 });
  await replicas[0]?.server.drain(0);
  for (let call = 0; call < 4; call += 1) expect(await client.getLead(get)).toEqual(lead());
  client.close();
});

test("a service that is unavailable makes its caller unavailable, not faulty", async () => {
  const inner = await serve({ leads: { getLead: answering(reject("STORE_UNAVAILABLE", { retryAfterMs: "60000" })) } });
  const { leads } = inner.as("seller");
  const outer = await serve({ leads: { getLead: () => leads.getLead(get) } });
  const deadline = new Date(Date.now() + 900);
  expect(await refusal(outer.as("seller").leads.getLead(get, { deadline }))).toMatchObject({
    code: "UNAVAILABLE",
    details: { reason: "UPSTREAM_UNAVAILABLE" },
  });
  expect(outer.lines).toMatchObject([{ level: "warn" }]);
});

test("clients may share a channel, which outlives them", async () => {
  const { address } = await serve({ leads: { getLead: answering() } });
  const channel = openChannel(address, 1_000_000);
  const token = async () => "seller";
  const first = grpcClient(LeadServiceService, { channel, token, deadlineMs: 1_000 });
  const second = grpcClient(LeadServiceService, { channel, token, deadlineMs: 1_000 });
  first.close();
  expect(await second.getLead(get)).toEqual(lead());
  channel.close();
});

test("a refusal passes from service to service unchanged", () => {
  const error = reject("LEAD_CONVERTED", { id: LEAD_ID, accountId: "account_1" });
  const status = statusOf(error, ownErrors, "zh");
  expect(status && domainErrorOf(status)).toEqual(error);
});
