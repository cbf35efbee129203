import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { GetLeadRequest } from "@keynode/contracts/crm/lead/v1/lead_service";
import { reject } from "@keynode/decider/domain-error";
import { withSpan } from "@keynode/telemetry/span";
import { recordSpans } from "@keynode/telemetry/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LEAD_ID, lead, refusal, serve } from "./fixture.ts";

const get = GetLeadRequest.fromPartial({ id: LEAD_ID });
const method = "crm.lead.v1.LeadService/GetLead";

let recording: Awaited<ReturnType<typeof recordSpans>>;
beforeAll(async () => {
  recording = await recordSpans();
});
afterEach(() => recording.reset());
afterAll(() => recording.shutdown());

const spanOf = (kind: SpanKind) => {
  const span = recording.spans().find((candidate) => candidate.kind === kind && candidate.name === method);
  if (!span) throw new Error("the span was not recorded");
  return span;
};

test("the handler's span hangs under the server's, that under the client's, that under the caller's", async () => {
  const { as } = await serve({ leads: { getLead: async () => withSpan({ name: "inside" }, () => lead()) } });
  await withSpan({ name: "outside" }, () => as("seller").leads.getLead(get));
  await expect.poll(() => recording.spans().length).toBe(4);
  const byName = (name: string) => recording.spans().find((span) => span.name === name);
  const [server, client] = [spanOf(SpanKind.SERVER), spanOf(SpanKind.CLIENT)];
  expect(byName("inside")?.parentSpanContext?.spanId).toBe(server.spanContext().spanId);
  expect(server.parentSpanContext?.spanId).toBe(client.spanContext().spanId);
  expect(client.parentSpanContext?.spanId).toBe(byName("outside")?.spanContext().spanId);
});

test("spans carry the stable names of the RPC conventions, and who called", async () => {
  const { as } = await serve({ leads: { getLead: async () => lead() } });
  await as("seller").leads.getLead(get);
  await expect.poll(() => recording.spans().length).toBe(2);
  const common = { "rpc.system.name": "grpc", "rpc.method": method, "rpc.status_code": "OK" };
  expect(spanOf(SpanKind.CLIENT).attributes).toEqual(common);
  expect(spanOf(SpanKind.SERVER).attributes).toEqual({ ...common, "crm.tenant": "tenant_1", "crm.actor": "user_1" });
});

test("a refusal is the client's error, not the server's", async () => {
  const { as } = await serve({ leads: { getLead: async () => reject("NOT_FOUND") } });
  await refusal(as("seller").leads.getLead(get));
  await expect.poll(() => recording.spans().length).toBe(2);
  expect(spanOf(SpanKind.SERVER)).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { "rpc.status_code": "NOT_FOUND", "crm.reason": "NOT_FOUND" },
  });
  expect(spanOf(SpanKind.CLIENT)).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { "rpc.status_code": "NOT_FOUND", "error.type": "NOT_FOUND" },
  });
});

test("a fault is the server's error and its message stays out of the trace", async () => {
  const { as } = await serve({
    leads: {
      getLead: async () => {
        throw new Error("lin@example.com");
      },
    },
  });
  await refusal(as("seller").leads.getLead(get));
  await expect.poll(() => recording.spans().length).toBe(2);
  const { status, attributes, events } = spanOf(SpanKind.SERVER);
  expect(status).toEqual({ code: SpanStatusCode.ERROR });
  expect(attributes).toMatchObject({ "rpc.status_code": "INTERNAL", "error.type": "INTERNAL" });
  expect(JSON.stringify([attributes, events])).not.toContain("lin@");
});
