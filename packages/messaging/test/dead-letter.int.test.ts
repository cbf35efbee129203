import { afterAll, beforeAll, expect, test } from "vitest";
import { v7 as uuidv7 } from "uuid";
import { type DeadLetters, openDeadLetters } from "../src/dead-letter.ts";
import type { Recorded } from "../src/recorded.ts";
import { openService, recorder, type TestService } from "./support.ts";

let service: TestService;
let deadLetters: DeadLetters;

beforeAll(async () => {
  service = await openService();
  deadLetters = await openDeadLetters(service.db, service.host);
});
afterAll(() => service.close());

const event = (changes: Partial<Recorded> = {}): Recorded => ({
  id: uuidv7(),
  type: "LeadCaptured",
  context: "lead",
  tenant: "t1",
  kind: "lead",
  recordId: "lead_1",
  version: 1,
  index: 0,
  count: 1,
  at: new Date(),
  actor: "user_1",
  data: Buffer.from("payload"),
  ...changes,
});

const put = async (subscription: string, dead: Recorded, error = new Error("why")): Promise<string> => {
  await deadLetters.put({
    subscription,
    key: dead.id,
    subject: "crm.v1.lead.LeadCaptured.t1",
    event: dead,
    data: dead.data,
    error,
    attempts: 8,
  });
  return `${subscription}:${dead.id}`;
};

test("a letter replayed long after gives the handler the event as it was, and goes", async () => {
  const { events, handle } = recorder();
  deadLetters.attach("replayed", handle);
  const dead = event({ causedBy: "cause", traceparent: "trace" });
  const id = await put("replayed", dead);
  service.host.advance(31 * 24 * 3_600_000);
  expect(await deadLetters.replay(id)).toBe("handled");
  expect(events).toEqual([dead]);
  expect(await deadLetters.replay(id)).toBe("missing");
  expect((await deadLetters.list({ subscription: "replayed" })).letters).toEqual([]);
});

test("a letter whose replay fails stays, with the new error", async () => {
  deadLetters.attach("failing", async () => {
    throw new Error("still broken");
  });
  const id = await put("failing", event());
  expect(await deadLetters.replay(id)).toBe("failed");
  expect((await deadLetters.list({ subscription: "failing" })).letters).toEqual([
    expect.objectContaining({ _id: id, attempts: 9, error: "Error: still broken", replayedAt: expect.any(Date) }),
  ]);
});

test("a letter of a subscription that does not run here is left alone, and so is one that is no event", async () => {
  const id = await put("elsewhere", event());
  expect(await deadLetters.replay(id)).toBe("unhandled");
  deadLetters.attach("unreadable", async () => undefined);
  await deadLetters.put({
    subscription: "unreadable",
    key: "CRM_LEAD:7",
    subject: "crm.v1.lead.X.t1",
    data: Buffer.from("?"),
    error: new Error("no headers"),
    attempts: 1,
  });
  expect(await deadLetters.replay("unreadable:CRM_LEAD:7")).toBe("unhandled");
});

test("the same event dead again keeps its first time and takes the new error", async () => {
  const dead = event();
  const id = await put("twice", dead, new Error("first"));
  service.host.advance(60_000);
  await put("twice", dead, new Error("second"));
  const { letters } = await deadLetters.list({ subscription: "twice" });
  expect(letters).toEqual([expect.objectContaining({ _id: id, error: "Error: second" })]);
  const [letter] = letters;
  expect((letter?.lastAt.getTime() ?? 0) - (letter?.firstAt.getTime() ?? 0)).toBeGreaterThanOrEqual(60_000);
});

test("letters are listed in pages, each once", async () => {
  const ids = [];
  for (let count = 0; count < 7; count++) ids.push(await put("paged", event()));
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await deadLetters.list({ subscription: "paged", pageSize: 3, ...(after !== undefined && { after }) });
    expect(page.letters.length).toBeLessThanOrEqual(3);
    seen.push(...page.letters.map(({ _id }) => _id));
    after = page.next;
  } while (after !== undefined);
  expect(seen).toEqual(ids.toSorted());
});

test("a letter can be discarded, once", async () => {
  const id = await put("discarded", event());
  expect(await deadLetters.discard(id)).toBe(true);
  expect(await deadLetters.discard(id)).toBe(false);
});
