import { HTTP } from "cloudevents";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromBusMessage, toBusMessage } from "../src/cloud-event.ts";
import type { Recorded } from "../src/recorded.ts";

const event: Recorded = {
  id: "0198c0de-0000-7000-8000-000000000001",
  type: "LeadCaptured",
  context: "lead",
  tenant: "tenant_1",
  kind: "lead",
  recordId: "lead_01",
  version: 3,
  index: 0,
  count: 2,
  at: new Date("2026-11-23T08:09:10.123Z"),
  actor: "user_1",
  causedBy: "0198c0de-0000-7000-8000-000000000000",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  data: new Uint8Array([1, 2, 3]),
};

const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,24}$/);

const recorded: fc.Arbitrary<Recorded> = fc
  .record(
    {
      id: fc.uuid(),
      type: token,
      context: token,
      tenant: token,
      kind: token,
      recordId: token,
      actor: token,
      version: fc.nat(),
      index: fc.nat({ max: 10 }),
      more: fc.integer({ min: 1, max: 10 }),
      at: fc.date({ min: new Date(0), max: new Date("2999-01-01"), noInvalidDate: true }),
      causedBy: fc.uuid(),
      traceparent: fc.constant(event.traceparent ?? ""),
      data: fc.uint8Array(),
    },
    {
      requiredKeys: [
        "id",
        "type",
        "context",
        "tenant",
        "kind",
        "recordId",
        "actor",
        "version",
        "index",
        "more",
        "at",
        "data",
      ],
    },
  )
  .map(({ more, ...rest }) => ({ ...rest, count: rest.index + more }));

test("an event comes off the bus as it went onto it", () => {
  fc.assert(
    fc.property(recorded, (sent) => {
      expect(fromBusMessage(toBusMessage(sent))).toEqual(sent);
    }),
  );
});

test("an independent CloudEvents parser reads it", () => {
  const { headers, data } = toBusMessage(event);
  // The HTTP binding's binary mode has the same headers, but for the content type.
  const http: Record<string, string> = { "content-type": headers.get("ce-datacontenttype") };
  for (const [name] of headers) http[name] = headers.get(name);
  const parsed = HTTP.toEvent({ headers: http, body: Buffer.from(data) });
  expect(parsed).toMatchObject({
    specversion: "1.0",
    id: event.id,
    source: "/crm/lead",
    type: "crm.lead.v1.LeadCaptured",
    subject: "lead_01",
    time: "2026-11-23T08:09:10.123Z",
    datacontenttype: "application/protobuf",
    tenant: "tenant_1",
    kind: "lead",
    recordversion: "3",
    eventindex: "0",
    eventcount: "2",
    actor: "user_1",
    causedby: event.causedBy,
  });
});

describe("a message whose headers contradict its subject, or are not an event's, is never an event", () => {
  const message = toBusMessage(event);
  const withHeader = (name: string, value: string | undefined) => {
    const { headers, ...rest } = toBusMessage(event);
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
    return { ...rest, headers };
  };

  test.each([
    ["another tenant", withHeader("ce-tenant", "tenant_2")],
    ["another context", withHeader("ce-source", "/crm/contract")],
    ["another event", withHeader("ce-type", "crm.lead.v1.LeadWon")],
    ["another version of CloudEvents", withHeader("ce-specversion", "0.3")],
    ["no id", withHeader("ce-id", undefined)],
    ["no record", withHeader("ce-subject", undefined)],
    ["no actor", withHeader("ce-actor", "")],
    ["no time", withHeader("ce-time", "soon")],
    ["no version", withHeader("ce-recordversion", "-1")],
    ["an index past its commit", withHeader("ce-eventindex", "2")],
    ["no headers", { ...message, headers: undefined }],
    ["a foreign subject", { ...message, subject: "crm.v1.lead.LeadCaptured" }],
    ["a deeper subject", { ...message, subject: `${message.subject}.more` }],
  ])("%s", (_, strange) => {
    expect(fromBusMessage(strange)).toHaveProperty("malformed");
  });
});

test.each(["two.tokens", "any*", "all>", "a b", ""])(
  "a tenant (%j) that is not one token of a subject is refused",
  (tenant) => {
    expect(() => toBusMessage({ ...event, tenant })).toThrow(TypeError);
  },
);
