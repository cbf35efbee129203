import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { testEngines } from "@keynode/engines/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openDeadLetters } from "../src/dead-letter.ts";
import type { Relay } from "../src/relay.ts";
import { entry, forked, openService, type TestService } from "./support.ts";

let source: TestService;
let target: TestService;
let relay: Relay;

beforeAll(async () => {
  [source, target] = [await openService(), await openService()];
  relay = await source.relay();
});
afterAll(async () => {
  await relay.stop();
  await source.close();
  await target.close();
});

const startConsumer = (name: string): ChildProcess => {
  const { mongodbUri, natsUrl } = testEngines();
  return forked("./consumer-process.ts", [mongodbUri, natsUrl, target.context, source.context, name]);
};

test("an event that kills every process that handles it ends as a dead letter, and all others are handled", {
  timeout: 120_000,
}, async () => {
  const events = Array.from({ length: 30 }, () => entry(1));
  const fatal = entry(1);
  for (const [at, event] of events.entries()) await source.insert(`lead_${at}`, [event]);
  await source.insert("fatal", [fatal]);
  await relay.drained();
  const deadLetters = await openDeadLetters(target.db, target.host);
  const isBuried = async (): Promise<boolean> =>
    (await deadLetters.list()).letters.some(({ error }) => error.includes("processes ended"));

  let kills = 0;
  let buried = false;
  while (!buried) {
    const child = startConsumer("crash");
    const exited = once(child, "exit");
    await vi.waitFor(
      async () => {
        buried = await isBuried();
        expect(buried || child.signalCode === "SIGKILL").toBe(true);
      },
      { timeout: 30_000, interval: 50 },
    );
    if (buried) {
      const handled = target.db.collection<{ _id: string }>("handled");
      await vi.waitFor(async () => expect(await handled.countDocuments()).toBe(events.length), { timeout: 20_000 });
      child.kill();
    } else kills += 1;
    await exited;
  }
  expect(kills).toBeLessThanOrEqual(8);
  expect((await deadLetters.list()).letters).toEqual([
    expect.objectContaining({ event: expect.objectContaining({ id: fatal.id, recordId: "fatal" }) }),
  ]);
});
