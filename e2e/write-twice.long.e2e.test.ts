import { randomUUID } from "node:crypto";
import type { JsonObject } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "./access/rows.ts";
import { type Answer, eventually } from "./api.ts";
import { kill } from "./faults.ts";
import { type Effects, effectsIn, keeperOf, recordsIn } from "./retries/effects.ts";
import { setStage, type Stage } from "./retries/stage.ts";
import { send, told, type Trial, trialOf, tried, unremembered } from "./retries/trials.ts";
import { type Stack, startStack } from "./stack.ts";
import { newTenant } from "./tenant.ts";

/*
 * Every rpc that writes, from the descriptors, sent again after all services were killed: what is remembered lies with
 * the effect, in no process.
 */

type Sent = { readonly trial: Trial; readonly key: string; readonly answer: Answer<JsonObject> };

/** How long killed services may need until they answer again. */
const recoveryMs = 60_000;

const remembered = tried.filter(({ method, rules }) => rules.effect === "WRITE" && !unremembered.has(method.name));

let stack: Stack;
let stage: Stage;
let effects: Effects;
const sent = new Map<Row, Sent>();

beforeAll(async () => {
  stack = await startStack();
  const { access, keynode } = stack;
  stage = await setStage(await newTenant(access), access.baseUrl);
  effects = effectsIn(access.below.mongoUrl);
  for (const row of remembered) {
    const trial = await trialOf(row, stage);
    const key = randomUUID();
    sent.set(row, { trial, key, answer: await send(stage, trial, key) });
  }
  await Promise.all([...keynode.services.keys()].map((service) => kill(stack, service)));
}, 300_000);

afterAll(async () => {
  await effects?.close();
  await stack?.stop();
});

describe("a write that is sent again under its key after a kill gets its first answer and has no second effect", () => {
  test.for(remembered)("$name", { timeout: recoveryMs + 10_000 }, async (row) => {
    const { trial, key, answer } = sent.get(row) ?? {};
    if (trial === undefined || key === undefined || answer === undefined) throw new Error("it was not sent");
    expect(answer.status, told(answer)).toBeLessThan(300);
    await eventually(
      () => send(stage, trial, key).catch(() => undefined),
      (again) => expect(again && told(again)).toBe(told(answer)),
      recoveryMs,
    );
    await effects.expectOnce(keeperOf(row), stage.tenantId, recordsIn(trial, answer.body));
  });
});
