import { eventTypes } from "@keynode/contracts/events";
import { reject } from "@keynode/decider/domain-error";
import { expect, it, onTestFinished } from "vitest";
import { mergedCursor, mergedPlace } from "../src/transcoder/merged-cursor.ts";
import {
  type Handler,
  problemIn,
  type Reply,
  registry,
  startFakeService,
  startTestGateway,
} from "./fixtures/test-gateway.ts";

const EVENTS = "/v1/events:stream";
const SSE = { accept: "text/event-stream" };
/** Nobody serves what is the chassis's: it is no part of the stream. */
const contexts = new Set(eventTypes(registry).map(({ context }) => context)).difference(new Set(["chassis"]));
const over: Reply = { stream: [] };

const eventOf = (id: string) => ({ id, type: "crm.lead.v1.LeadCaptured", data: { name: "王芳" } });

/** A gateway whose services answer by these handlers; those without one have nothing to tell and end. */
const startGateway = async (handlers: Readonly<Record<string, Handler>>, env: Record<string, string> = {}) => {
  const others = await startFakeService(() => over);
  onTestFinished(others.stop);
  const upstreams = Object.fromEntries([...contexts].map((context) => [context, others.port]));
  const received: Record<string, Awaited<ReturnType<typeof startFakeService>>["received"]> = {};
  for (const [context, handler] of Object.entries(handlers)) {
    const service = await startFakeService(handler);
    onTestFinished(service.stop);
    upstreams[context] = service.port;
    received[context] = service.received;
  }
  const { send } = await startTestGateway({ upstreams, env });
  return { send, received };
};

/** The blocks of a stream of events, without its first. */
const blocksOf = (text: string): Record<string, string>[] =>
  text
    .trimEnd()
    .split("\n\n")
    .slice(1)
    .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2))));

it("what every service tells is one stream, each event's id says how far all have come", async () => {
  const { send, received } = await startGateway({
    lead: () => ({ stream: [{ cursor: "L1", event: eventOf("a") }, { cursor: "L2" }] }),
    account: () => ({ stream: [{ cursor: "A1", event: eventOf("b") }] }),
  });
  const response = await send(`${EVENTS}?types=crm.lead.v1.LeadCaptured`, { headers: SSE });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const blocks = blocksOf(await response.text());
  const data = blocks.flatMap((block) => (block["data"] ? [JSON.parse(block["data"])] : []));
  expect(data).toHaveLength(2);
  expect(data).toEqual(expect.arrayContaining([eventOf("a"), eventOf("b")]));
  const place = mergedPlace(blocks.at(-1)?.["id"] ?? "");
  expect(Object.fromEntries(place?.cursors ?? [])).toEqual({ lead: "L2", account: "A1" });
  expect(received["lead"]?.[0]?.request).toMatchObject({ types: ["crm.lead.v1.LeadCaptured"] });
  expect(received["lead"]?.[0]?.request).toHaveProperty("startTime");
});

it("newline-delimited, each line is a cursor and an event", async () => {
  const { send } = await startGateway({ lead: () => ({ stream: [{ cursor: "L1", event: eventOf("a") }] }) });
  const [line = "", ...rest] = (await (await send(EVENTS)).text()).trimEnd().split("\n");
  expect(JSON.parse(line)).toEqual({ cursor: expect.stringMatching(/~lead\.L1$/), event: eventOf("a") });
  expect(rest).toEqual([]);
});

it("whoever comes back goes on in each service where it was, and where none was told from the stream's beginning", async () => {
  const { send, received } = await startGateway({ lead: () => over, account: () => over });
  const beganMs = Date.parse("2026-01-31T08:30:00Z");
  const id = mergedCursor({ beganMs, cursors: new Map([["lead", "L7"]]) });
  await (await send(EVENTS, { headers: { ...SSE, "last-event-id": id } })).text();
  expect(received["lead"]?.map(({ request }) => request)).toEqual([{ after: "L7" }]);
  expect(received["account"]?.map(({ request }) => request)).toEqual([{ startTime: "2026-01-31T08:30:00Z" }]);
});

it("a service that goes away is asked again where it was left, and the others go on", async () => {
  const replies: Reply[] = [
    { stream: [{ cursor: "L1", event: eventOf("a") }], end: "UNAVAILABLE" },
    { code: "UNAVAILABLE" },
    { stream: [{ cursor: "L2", event: eventOf("b") }] },
  ];
  const { send, received } = await startGateway({ lead: () => replies.shift() ?? over });
  const blocks = blocksOf(await (await send(EVENTS, { headers: SSE })).text());
  expect(blocks.flatMap(({ data }) => (data ? [JSON.parse(data).id] : []))).toEqual(["a", "b"]);
  expect(received["lead"]?.slice(1).map(({ request }) => request)).toEqual([{ after: "L1" }, { after: "L1" }]);
});

it("ends when no service has anything more to tell", async () => {
  const { send } = await startGateway({});
  expect(await (await send(EVENTS)).text()).toBe("");
});

it("ends at its limit though a service is never reached", async () => {
  const { send } = await startGateway({ lead: () => ({ code: "UNAVAILABLE" }) }, { STREAM_LIMIT_MS: "1000" });
  const [line = "", ...rest] = (await (await send(EVENTS)).text()).trimEnd().split("\n");
  // Whether the stream had begun by then is the machine's matter: it is refused, or says so as its last line.
  const { error = JSON.parse(line) } = JSON.parse(line) as { error?: object };
  expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", status: 504 });
  expect(rest).toEqual([]);
});

it("a refusal of any service is one of the whole", async () => {
  const { send } = await startGateway({
    lead: () => ({ refusal: reject("PERMISSION_DENIED") }),
    account: () => ({ stream: [], isOpen: true }),
  });
  const response = await send(EVENTS, { headers: SSE });
  expect([response.status, (await problemIn(response)).code]).toEqual([403, "PERMISSION_DENIED"]);
});

it("a cursor that no such stream told is refused by name", async () => {
  const { send } = await startGateway({});
  const problem = await problemIn(await send(`${EVENTS}?after=lead`));
  expect([problem.code, problem.errors]).toMatchObject(["INVALID_REQUEST", [{ parameter: "after" }]]);
});

it("a tenant reads no more streams at once than it may", async () => {
  const { send } = await startGateway(
    { lead: () => ({ stream: [{ cursor: "L1" }], isOpen: true }) },
    {
      STREAMS_PER_TENANT: "1",
    },
  );
  const first = await send(EVENTS, { headers: SSE });
  const second = await send(EVENTS, { headers: SSE });
  expect([second.status, (await problemIn(second)).code]).toEqual([429, "TOO_MANY_STREAMS"]);
  await first.body?.cancel();
  await expect.poll(async () => (await send(EVENTS, { headers: SSE })).status).toBe(200);
});
