import { afterAll, beforeAll, test } from "vitest";
import {
  expectEffectsOnce,
  expectNoDeadLetters,
  expectSameAnswers,
  jobsDuring,
  kill,
  moreWrites,
  VICTIMS,
  type Victim,
} from "./faults.ts";
import { type PersistentClient, persistentClient } from "./persistent-client.ts";
import { type Stack, startStack } from "./stack.ts";

const killingMs = 5 * 60_000;

let stack: Stack;
let client: PersistentClient;

beforeAll(async () => {
  stack = await startStack();
  client = persistentClient(stack.access);
});

afterAll(() => stack?.stop());

/** Each in turn, then any but the last few: what ends again and again without a pause is given up, as it should be. */
const nextVictim = (killed: readonly Victim[]): Victim => {
  const resting = new Set(killed.slice(-5));
  const due = VICTIMS.filter(
    (victim) => !(killed.length < VICTIMS.length ? killed.includes(victim) : resting.has(victim)),
  );
  return due[killed.length < VICTIMS.length ? 0 : Math.floor(Math.random() * due.length)] ?? "";
};

test(
  "five minutes of kills at random lose nothing of the main job and double nothing",
  async () => {
    const killed: Victim[] = [];
    try {
      const jobs = await jobsDuring(client.api, async () => {
        for (const until = Date.now() + killingMs; Date.now() < until; ) {
          await moreWrites(client, Math.ceil(Math.random() * 10));
          const victim = nextVictim(killed);
          killed.push(victim);
          await kill(stack, victim);
        }
      });
      await expectEffectsOnce(client.api, jobs);
      await expectNoDeadLetters(stack, client.api);
      await expectSameAnswers(client);
    } catch (error) {
      throw new Error(`killed ${killed.join(", ")}`, { cause: error });
    }
  },
  15 * 60_000,
);
