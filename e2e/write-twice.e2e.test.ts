import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Effects, effectsIn, keeperOf, recordsIn } from "./retries/effects.ts";
import { setStage, type Stage } from "./retries/stage.ts";
import { derivedSecrets, send, told, trialOf, tried, unremembered } from "./retries/trials.ts";
import { newTenant } from "./tenant.ts";

/*
 * Every rpc that writes, from the descriptors: one that is new is tried as all others are, or what it lacks in
 * retries/trials.ts fails.
 */

let stage: Stage;
let effects: Effects;

beforeAll(async () => {
  const { baseUrl, below } = inject("access");
  stage = await setStage(await newTenant(), baseUrl);
  effects = effectsIn(below.mongoUrl);
});

afterAll(() => effects.close());

describe("a write that is sent twice at once under one key has one effect and one answer", () => {
  test.for(tried.filter(({ rules }) => rules.effect === "WRITE"))("$name", async (row) => {
    const trial = await trialOf(row, stage);
    const key = randomUUID();
    const [one, two] = await Promise.all([send(stage, trial, key), send(stage, trial, key)]);
    expect(one.status, told(one)).toBeLessThan(300);
    expect(two.status, told(two)).toBe(one.status);
    if (unremembered.has(row.method.name)) return;
    expect(told(two)).toBe(told(one));
    const recordIds = recordsIn(trial, one.body);
    expect(recordIds).not.toEqual([]);
    await effects.expectOnce(keeperOf(row), stage.tenantId, recordIds);
    if (trial.other === undefined) return;
    const other = await send(stage, { ...trial, sent: trial.other }, key);
    if (Array.isArray(one.body["results"])) expect(told(other)).toContain("KEY_REUSED");
    else expect(other.status, told(other)).toBe(422);
  });
});

describe("a secret that is asked for twice at once under one key is handed out once", () => {
  const secret = tried.filter(({ method, rules }) => rules.effect === "CREDENTIAL" && !derivedSecrets.has(method.name));
  test.for(secret)("$name", async (row) => {
    const trial = await trialOf(row, stage);
    const key = randomUUID();
    const answers = await Promise.all([send(stage, trial, key), send(stage, trial, key)]);
    const [first, repeat] = answers.toSorted((a, b) => a.status - b.status);
    expect([first?.status, repeat?.status], answers.map(told).join()).toEqual([200, 409]);
    expect(repeat?.body["metadata"]).toEqual({ id: expect.any(String) });
    expect(JSON.stringify(first?.body)).toContain(Object.values(repeat?.body["metadata"] ?? {})[0]);
  });

  test.for(tried.filter(({ method }) => derivedSecrets.has(method.name)))("$name, which keeps none", async (row) => {
    const trial = await trialOf(row, stage);
    const key = randomUUID();
    const answers = await Promise.all([send(stage, trial, key), send(stage, trial, key)]);
    expect(
      answers.map(({ status }) => status),
      answers.map(told).join(),
    ).toEqual([200, 200]);
    expect(new Set(answers.map(({ body }) => body["refreshToken"])).size).toBe(1);
  });
});
