import type { CommandScope } from "@keynode/aggregate/command-scope";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { chassisErrors } from "@keynode/grpc/chassis-errors";
import { readDetails } from "@keynode/grpc/status";
import { expect, onTestFinished, test, vi } from "vitest";
import { runBatch } from "../src/batch.ts";

const call = (more: Partial<Call> = {}): Call =>
  ({
    tenant: "tenant_1",
    actor: "user_1",
    principal: { grants: {}, teams: [] },
    visibility: { kind: "all" },
    method: "crm.lead.v1.LeadService/BatchCreateLeads",
    locale: "zh",
    deadline: new Date(Date.now() + 1_000),
    requestHash: "hash",
    validateOnly: false,
    itemRefusals: new Map<number, DomainError>(),
    ...more,
  }) as Call;

const run = async (
  items: readonly number[],
  work: (item: number, scope: CommandScope) => Promise<number | DomainError>,
  more?: Partial<Call>,
) => {
  const outcomes = await runBatch(items, call(more), chassisErrors, work);
  if (isDomainError(outcomes)) throw new Error(outcomes.reason);
  return outcomes;
};

test("results stand in the order of the items, however long each took", async () => {
  const items = Array.from({ length: 100 }, (_, at) => at);
  const outcomes = await run(items, async (item) => {
    for (let turn = 0; turn < (item * 7) % 5; turn += 1) await new Promise(setImmediate);
    return item * 2;
  });
  expect(outcomes.map(({ record }) => record)).toEqual(items.map((item) => item * 2));
  expect(new Set(outcomes.map(({ status }) => status.code))).toEqual(new Set([0]));
});

test("a refused item says why and leaves the others alone", async () => {
  const outcomes = await run([1, 2, 3], async (item) => (item === 2 ? reject("ALREADY_EXISTS") : item));
  expect(outcomes.map(({ record }) => record)).toEqual([1, undefined, 3]);
  expect(outcomes[1]?.status.code).toBe(6);
  expect(readDetails(outcomes[1]?.status).reason).toBe("ALREADY_EXISTS");
});

test("an item that validation refused is not run", async () => {
  const ran: number[] = [];
  const refusals = new Map([[1, reject("INVALID_REQUEST")]]);
  const outcomes = await run([10, 11, 12], async (item) => (ran.push(item), item), { itemRefusals: refusals });
  expect(ran).toEqual([10, 12]);
  expect(outcomes[1]?.status.code).toBe(3);
});

test("an item whose turn does not come in time is refused and not begun; those under way are answered", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const items = Array.from({ length: 20 }, (_, at) => at);
  const ran: number[] = [];
  const work = async (item: number): Promise<number> => {
    ran.push(item);
    vi.setSystemTime(Date.now() + 60);
    return item;
  };
  const outcomes = await run(items, work, { deadline: new Date(Date.now() + 1_000) });
  expect(ran).toEqual(items.slice(0, 14));
  expect(outcomes.map(({ record }) => record)).toEqual(items.map((item) => (item < 14 ? item : undefined)));
  expect(new Set(outcomes.slice(14).map(({ status }) => readDetails(status).reason))).toEqual(
    new Set(["DEADLINE_EXCEEDED"]),
  );
});

test("each item runs under the batch's key and its own index; without a key under none", async () => {
  const keys: (string | undefined)[] = [];
  const note = async (item: number, { idempotency }: CommandScope) => (keys.push(idempotency?.key), item);
  await run([1, 2], note, { idempotencyKey: "k" });
  await run([1], note);
  expect(keys).toEqual(["k/0", "k/1", undefined]);
});

test("no more than sixteen items are worked on at once", async () => {
  let [under, most] = [0, 0];
  await run(
    Array.from({ length: 60 }, (_, at) => at),
    async (item) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise(setImmediate);
      under -= 1;
      return item;
    },
  );
  expect(most).toBe(16);
});
