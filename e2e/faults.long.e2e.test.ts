import { DEFAULT_POLICY } from "@keynode/tools/launch/supervisor";
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

/** A process that ends again before it was up for so long is given up after a few times, as it should be. */
const restMs = DEFAULT_POLICY.steadyMs * 1.5;

/** Any that has been up for long enough; undefined when none has. */
const nextVictim = (killedAt: ReadonlyMap<Victim, number>): Victim | undefined => {
  const due = VICTIMS.filter((victim) => Date.now() - (killedAt.get(victim) ?? 0) > restMs);
  return due[Math.floor(Math.random() * due.length)];
};

test(
  "five minutes of kills at random lose nothing of the main job and double nothing",
  async () => {
    const killed: Victim[] = [];
    const killedAt = new Map<Victim, number>();
    try {
      const jobs = await jobsDuring(client.api, async () => {
        for (const until = Date.now() + killingMs; Date.now() < until; ) {
          await moreWrites(client, Math.ceil(Math.random() * 10));
          const victim = nextVictim(killedAt);
          if (victim === undefined) continue;
          killed.push(victim);
          killedAt.set(victim, Date.now());
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
