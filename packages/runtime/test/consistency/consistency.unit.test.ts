import { isDomainError } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { expect, test } from "vitest";
import { type AwaitChanges, type AwaitedCopy, openConsistency } from "../../src/consistency/consistency.ts";

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const lead = "lead_00000000000000000000000001";
const call = (more: Partial<Call> = {}) =>
  ({
    tenant: "tenant_1",
    deadline: new Date(Date.now() + 10_000),
    signal: new AbortController().signal,
    ...more,
  }) as Call;

/** What was waited for, in its order. */
const reader = (copies: readonly (readonly string[])[], awaitChanges: AwaitChanges = async () => true) => {
  const waits: string[] = [];
  const awaited = copies.map(
    (contexts, copy): AwaitedCopy => ({
      contexts,
      caughtUp: async ({ context }) => void waits.push(`copy ${copy} of ${context}`),
    }),
  );
  const consistency = openConsistency({
    service: "analytics",
    copies: awaited,
    awaitChanges: async (service, ...rest) => {
      waits.push(`bus of ${service}`);
      return await awaitChanges(service, ...rest);
    },
    now: () => new Date(),
    log,
  });
  const read = async (token: string, more?: Partial<Call>) => {
    const outcome = await consistency.awaitToken(token, call(more));
    return isDomainError(outcome) ? outcome.reason : "read";
  };
  return { read, waits };
};

test("a read waits for the bus, then for every copy that takes from the service", async () => {
  const { read, waits } = reader([["lead", "account"], ["account"], ["lead"]]);
  expect(await read(`lead:${lead}:3`)).toBe("read");
  expect(waits).toEqual(["bus of lead", "copy 0 of lead", "copy 2 of lead"]);
});

test("a change of a service that no copy takes from counts as seen", async () => {
  const { read, waits } = reader([["account"]]);
  expect(await read(`lead:${lead}:3`)).toBe("read");
  expect(waits).toEqual([]);
});

test("a change that was seen is not waited for again, a later one is, and so is another tenant's", async () => {
  const { read, waits } = reader([["lead"]]);
  await read(`lead:${lead}:3`);
  waits.length = 0;
  await read(`lead:${lead}:3`);
  expect(waits).toEqual([]);
  await read(`lead:${lead}:4`);
  await read(`lead:${lead}:3`, { tenant: "tenant_2" });
  expect(waits.filter((wait) => wait.startsWith("bus"))).toHaveLength(2);
});

test("a change that does not reach the bus in time is told, and is waited for anew", async () => {
  let isPublished = false;
  const { read } = reader([["lead"]], async () => isPublished);
  expect(await read(`lead:${lead}:3`)).toBe("PROJECTION_LAGGING");
  isPublished = true;
  expect(await read(`lead:${lead}:3`)).toBe("read");
});

test("a service that cannot be asked is told as lagging", async () => {
  const { read } = reader([["lead"]], () => Promise.reject(new Error("down")));
  expect(await read(`lead:${lead}:3`)).toBe("PROJECTION_LAGGING");
});

test("no read waits beyond its caller's deadline", async () => {
  const never: AwaitChanges = (_service, _tenant, _changes, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(false)));
  const { read } = reader([["lead"]], never);
  const startedMs = performance.now();
  expect(await read(`lead:${lead}:3`, { deadline: new Date(Date.now() + 300) })).toBe("PROJECTION_LAGGING");
  expect(performance.now() - startedMs).toBeLessThan(1_500);
  expect(await read(`lead:${lead}:3`, { deadline: new Date(Date.now() + 50) })).toBe("PROJECTION_LAGGING");
});
