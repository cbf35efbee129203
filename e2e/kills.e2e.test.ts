import { afterAll, beforeAll, test } from "vitest";
import {
  BROKER,
  DATABASE,
  expectEffectsOnce,
  expectNoDeadLetters,
  expectSameAnswers,
  jobsDuring,
  kill,
  moreWrites,
} from "./faults.ts";
import { type PersistentClient, persistentClient } from "./persistent-client.ts";
import { type Stack, startStack } from "./stack.ts";

/** Faults take a machine that is busy with other tests their time. */
const timeout = 240_000;

let stack: Stack;
let client: PersistentClient;

beforeAll(async () => {
  stack = await startStack();
  client = persistentClient(stack.access);
});

afterAll(() => stack?.stop());

test(
  "whoever is killed amid the main job, each effect comes once and a repeat gets the first answer",
  async () => {
    const jobs = await jobsDuring(client.api, async () => {
      for (const victim of ["contract", BROKER, "account", DATABASE]) {
        await moreWrites(client, 5);
        await kill(stack, victim);
      }
      await moreWrites(client, 5);
    });
    await expectEffectsOnce(client.api, jobs);
    await expectNoDeadLetters(stack, client.api);
    await expectSameAnswers(client);
  },
  timeout,
);
