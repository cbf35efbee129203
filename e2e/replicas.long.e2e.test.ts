import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf } from "./api.ts";
import { writeAndRead } from "./consistency.ts";
import { type Stack, startStack } from "./stack.ts";

const pairs = 10_000;

/** Everything that the reads below are served from, or that decides about them, in two processes each. */
const replicas = { identity: 2, lead: 2, account: 2, opportunity: 2, analytics: 2 };

let stack: Stack;
let client: Api;

beforeAll(async () => {
  stack = await startStack({}, { replicas });
  client = apiOf(stack.access);
}, 300_000);

afterAll(() => stack?.stop());

test(
  "a read that names a write sees it, whichever replicas serve the two",
  async () => {
    const startedMs = performance.now();
    const refused = await writeAndRead(client, pairs);
    const seconds = (performance.now() - startedMs) / 1_000;
    console.log(
      `${pairs} pairs in ${seconds.toFixed(0)} s, ${(pairs / seconds).toFixed(0)} a second, none stale; sent again: ${JSON.stringify(refused)}`,
    );
  },
  45 * 60_000,
);

test("what a role no longer lets is refused by every replica soon after", async () => {
  const grants = [{ permission: "leads.read", scope: "ALL" }];
  const { id } = await client.post<{ id: string }>("/v1/roles", { name: "reader", grants });
  const { secret } = await client.post<{ secret: string }>("/v1/apiKeys", { name: "reader", roleIds: [id] });
  const reader = apiOf({ ...stack.access, apiKey: secret });
  const ask = async (): Promise<number> => (await reader.send("GET", "/v1/leads?pageSize=1")).status;
  /** As many in a row as no two replicas leave to one of them. */
  const answers = () => Promise.all(Array.from({ length: 12 }, ask));
  expect(await answers()).toEqual(Array.from({ length: 12 }, () => 200));

  await client.patch(`/v1/roles/${id}?updateMask=grants`, { grants: [{ permission: "leads.create", scope: "ALL" }] });
  const changedMs = performance.now();
  let lastAllowedMs = changedMs;
  for (let refusedInRow = 0; refusedInRow < 5; ) {
    const statuses = await answers();
    if (statuses.includes(200)) [refusedInRow, lastAllowedMs] = [0, performance.now()];
    else refusedInRow += 1;
    expect(new Set(statuses).difference(new Set([200, 403]))).toEqual(new Set());
    await delay(20);
  }
  console.log(`a role's change was in force everywhere after ${(lastAllowedMs - changedMs).toFixed(0)} ms`);
}, 60_000);
