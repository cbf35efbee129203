import { afterAll, beforeAll, expect, test } from "vitest";
import {
  expectEffectsOnce,
  expectNoDeadLetters,
  expectSameAnswers,
  jobsDuring,
  kill,
  moreWrites,
  VICTIMS,
} from "./faults.ts";
import { type PersistentClient, persistentClient } from "./persistent-client.ts";
import { type Stack, startStack } from "./stack.ts";

let stack: Stack;
let client: PersistentClient;

beforeAll(async () => {
  stack = await startStack();
  client = persistentClient(stack.access);
});

afterAll(() => stack?.stop());

test("whoever is killed in the middle of the main job, each effect comes, once, and a repeat gets the first answer", {
  timeout: 240_000,
}, async () => {
  const jobs = await jobsDuring(client.api, async () => {
    for (const victim of VICTIMS) {
      await moreWrites(client, 5);
      await kill(stack, victim);
    }
    await moreWrites(client, 5);
  });
  console.log(jobs, client.acknowledged().length, client.seen());
  await expectEffectsOnce(client.api, jobs);
  await expectNoDeadLetters(stack, client.api);
  await expectSameAnswers(client);
});
