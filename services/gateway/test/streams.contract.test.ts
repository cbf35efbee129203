import { expect, it } from "vitest";
import { type Handler, problemIn, startTestGateway } from "./fixtures/test-gateway.ts";

const EVENTS = { headers: { accept: "text/event-stream" } };
const things = (...stream: object[]): Handler => {
  return () => ({ stream: stream as { id: string }[] });
};
/** Writes nothing and stays open. */
const silent: Handler = () => "never";

it("a browser's client gets server-sent events, with the fields that the contract names", async () => {
  const { send } = await startTestGateway({
    handler: things({ id: "a", etag: "7", name: "made" }, { id: "b", name: "two\nlines", etag: "8" }),
  });
  const response = await send("/v1/things:watch", EVENTS);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const [head, first, second, ...rest] = (await response.text()).split("\n\n");
  expect(head).toMatch(/^retry: \d+$/);
  expect(first).toBe('id: 7\nevent: made\ndata: {"id":"a","etag":"7","name":"made"}');
  // A name of two lines would be an event of its own.
  expect(second?.split("\n").map((line) => line.slice(0, 6))).toEqual(["id: 8", "data: "]);
  expect(rest).toEqual([""]);
});

it("where a client was is said to the service, and wins over its URL", async () => {
  const { send, received } = await startTestGateway({ handler: things() });
  await send("/v1/things:watch?pageToken=first", { headers: { ...EVENTS.headers, "last-event-id": "42" } });
  await send("/v1/things:watch?pageToken=first", EVENTS);
  await send("/v1/things:watch", { headers: { "last-event-id": "" } });
  expect(received.map(({ request }) => request)).toEqual([{ pageToken: "42" }, { pageToken: "first" }, {}]);
});

it("what is no event's id is refused by name", async () => {
  const { send, received } = await startTestGateway({ handler: things() });
  const problem = await problemIn(await send("/v1/things:watch", { headers: { "last-event-id": "a b" } }));
  expect([problem.code, problem.errors?.map(({ header }) => header)]).toEqual(["INVALID_HEADER", ["Last-Event-ID"]]);
  expect(received).toEqual([]);
});

it("a stream in a form that is not offered is refused", async () => {
  const { send, received } = await startTestGateway({ handler: things() });
  const response = await send("/v1/things:watch", { headers: { accept: "text/html" } });
  expect([response.status, (await problemIn(response)).code]).toEqual([406, "NOT_ACCEPTABLE"]);
  expect(received).toEqual([]);
});

it("a stream of events that breaks says why in an event of its own", async () => {
  const { send } = await startTestGateway({ handler: () => ({ stream: [{ id: "a" }], end: "INTERNAL" }) });
  const text = await (await send("/v1/things:watch", EVENTS)).text();
  const [last] = text.trimEnd().split("\n\n").slice(-1);
  expect(last).toMatch(/^event: problem\ndata: \{/);
  expect(JSON.parse(last?.split("data: ")[1] ?? "")).toMatchObject({ status: 500, code: "INTERNAL" });
});

it("a silent stream begins all the same, and is kept alive", async () => {
  const { send } = await startTestGateway({ handler: silent });
  const response = await send("/v1/things:watch", EVENTS);
  const reader = response.body?.getReader();
  let text = "";
  while (!text.includes(":\n\n")) text += Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(text).toMatch(/^retry: \d+\n\n:\n\n$/);
  await reader?.cancel();
});

it("the longest that a stream may last ends it: lines with a problem, events in silence", async () => {
  const { send } = await startTestGateway({
    handler: () => ({ stream: [{ id: "a" }], isOpen: true }),
    env: { STREAM_LIMIT_MS: "1000" },
  });
  const [lines, events] = await Promise.all([send("/v1/things:watch"), send("/v1/things:watch", EVENTS)]);
  expect(JSON.parse((await lines.text()).trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
    error: { code: "DEADLINE_EXCEEDED" },
  });
  expect((await events.text()).replaceAll(":\n\n", "")).toMatch(/^retry: \d+\n\ndata: \{"id":"a"\}\n\n$/);
});

it("a gateway that stops ends its streams at once, and their calls", async () => {
  const { send, received, close } = await startTestGateway({
    handler: () => ({ stream: [{ id: "a" }], isOpen: true }),
    env: { DRAIN_MS: "60000" },
  });
  const response = await send("/v1/things:watch");
  await close();
  expect(await response.text()).toContain("SHUTTING_DOWN");
  await received[0]?.cancelled;
});

it("a caller reads so many streams at once and no more", async () => {
  const { send, received } = await startTestGateway({
    handler: () => ({ stream: [{ id: "a" }], isOpen: true }),
    env: { STREAMS_PER_CALLER: "2" },
  });
  const [first, second] = await Promise.all([send("/v1/things:watch"), send("/v1/things:watch")]);
  const third = await send("/v1/things:watch");
  expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
  expect(third.headers.get("retry-after")).toBe("1");
  expect((await problemIn(third)).code).toBe("TOO_MANY_STREAMS");
  await first.body?.cancel();
  await received[0]?.cancelled;
  await expect.poll(async () => (await send("/v1/things:watch")).status).toBe(200);
});

it("asking for a stream's head does not leave it running", async () => {
  const { send, received } = await startTestGateway({ handler: () => ({ stream: [{ id: "a" }], isOpen: true }) });
  const response = await send("/v1/things:watch", { method: "HEAD", ...EVENTS });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  await received[0]?.cancelled;
});
