import path from "node:path";
import { describe, expect, it } from "vitest";
import { type LoadOptions, loadDataset, type Progress } from "../../seed/load-dataset.ts";
import { type FakeTenant, type Faults, fakeTenant } from "./fake-tenant.ts";

const folder = path.resolve(import.meta.dirname, "../../../examples/crm-sales-opportunities");
const everything = 3 + 41 + 7 + 85 + 200;

const load = (tenant: FakeTenant, options: Partial<LoadOptions> = {}) =>
  loadDataset({
    baseUrl: tenant.baseUrl,
    apiKey: "secret",
    folder,
    sample: 200,
    batchSize: 20,
    firstPauseMs: 1,
    maxPauseMs: 5,
    pauseMs: 1,
    ...options,
  });

const madeTwice = ({ made }: FakeTenant): string[] => {
  const keys = made.map(({ externalKey }) => externalKey);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
};

describe("a load", () => {
  it("makes every record, in batches, on behalf of the key's owner", async () => {
    const tenant = await fakeTenant();
    const report = await load(tenant);
    expect(report).toMatchObject({ complete: false, total: everything, accepted: everything, present: 0 });
    expect(tenant.made).toHaveLength(everything);
    expect(Math.max(...tenant.arrivals.map(({ size }) => size))).toBe(20);
    expect(new Set(tenant.requests.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer secret"]));
  });

  it("says what it cleaned", async () => {
    const { cleaned } = await load(await fakeTenant());
    expect(cleaned.map(({ to, rows }) => [to, rows])).toEqual([
      ["technology", 12],
      ["Philippines", 1],
      ["GTX Pro", 1480],
    ]);
  });

  it("tells its progress, up to the last record", async () => {
    const seen: Progress[] = [];
    await load(await fakeTenant(), { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ collection: "opportunities", done: everything, total: everything });
    expect(seen.every(({ done }, index) => done >= (seen[index - 1]?.done ?? 0))).toBe(true);
  });

  it("sends nothing when an earlier one came to its end", async () => {
    const tenant = await fakeTenant();
    await load(tenant);
    const before = tenant.arrivals.length;
    expect(await load(tenant)).toMatchObject({ complete: true, present: everything, accepted: 0 });
    expect(tenant.arrivals).toHaveLength(before);
  });

  it("that was cut short is completed by the next, and nothing is made twice", async () => {
    const stop = new AbortController();
    const tenant = await fakeTenant({
      batch: ({ attempt }) => {
        if (attempt === 12) stop.abort();
        return undefined;
      },
    });
    await expect(load(tenant, { signal: stop.signal })).rejects.toThrow("aborted");
    expect(tenant.made.length).toBeLessThan(everything);
    const report = await load(tenant);
    expect(report.accepted + report.present).toBe(everything);
    expect(tenant.made).toHaveLength(everything);
    expect(madeTwice(tenant)).toEqual([]);
  });

  it("beside another one makes nothing twice", async () => {
    const tenant = await fakeTenant();
    await Promise.all([load(tenant), load(tenant)]);
    expect(tenant.made).toHaveLength(everything);
    expect(madeTwice(tenant)).toEqual([]);
  });

  it("of a larger sample adds what is missing", async () => {
    const tenant = await fakeTenant();
    await load(tenant, { sample: 100 });
    expect(await load(tenant, { sample: 200 })).toMatchObject({ complete: false, total: everything });
    expect(madeTwice(tenant)).toEqual([]);
  });
});

describe("trouble that passes", () => {
  const cases: readonly (readonly [string, Faults])[] = [
    ["an answer lost on the way", { batch: ({ attempt }) => (attempt % 3 === 0 ? "cut after" : undefined) }],
    ["a request lost on the way", { batch: ({ attempt }) => (attempt % 3 === 0 ? "cut before" : undefined) }],
    ["a limited rate", { batch: ({ attempt }) => (attempt % 3 === 0 ? { status: 429, retryAfterS: 1 } : undefined) }],
    [
      "a service that is down for a while",
      { batch: ({ attempt }) => (attempt > 4 && attempt < 9 ? { status: 503 } : undefined) },
    ],
    [
      "a service that has not heard of the account yet",
      {
        item: (externalKey, { attempt }) =>
          externalKey.includes(":opportunity:") && attempt < 20 ? { code: 9, reason: "ACCOUNT_NOT_FOUND" } : undefined,
      },
    ],
    [
      "a record that is busy",
      { item: (_, { attempt }) => (attempt % 5 === 0 ? { code: 14, reason: "OUTBOX_FULL" } : undefined) },
    ],
  ];
  it.each(cases)("%s changes nothing in what is loaded", async (_, faults) => {
    const tenant = await fakeTenant(faults);
    const report = await load(tenant);
    expect(report.accepted + report.present).toBe(everything);
    expect(tenant.made).toHaveLength(everything);
    expect(madeTwice(tenant)).toEqual([]);
  });

  it("is met by the same batch under the same key", async () => {
    const tenant = await fakeTenant({ batch: ({ attempt }) => (attempt === 1 ? "cut after" : undefined) });
    const report = await load(tenant);
    const [first, second] = tenant.arrivals;
    expect(second?.key).toBe(first?.key);
    expect(report).toMatchObject({ accepted: everything, present: 0 });
  });
});

describe("trouble that stays", () => {
  it("a record that is refused for good ends the load, which names it and the reason", async () => {
    const tenant = await fakeTenant({
      item: (externalKey) =>
        externalKey.endsWith(":product:GTX Pro") ? { code: 3, reason: "INVALID_REQUEST" } : undefined,
    });
    await expect(load(tenant)).rejects.toThrow(
      /products:batchCreate refused:\s+crm-sales-opportunities:product:GTX Pro: INVALID_REQUEST/,
    );
    expect(tenant.made.some(({ externalKey }) => externalKey.includes(":account:"))).toBe(false);
  });

  it("a service that stays away ends the load after a bounded number of tries", async () => {
    const tenant = await fakeTenant({ batch: () => ({ status: 503 }) });
    await expect(load(tenant, { maxAttempts: 3 })).rejects.toThrow("/v1/teams:batchCreate: 503");
    expect(tenant.arrivals).toHaveLength(3);
  });

  it("a reference that stays unknown ends the load when its patience is over", async () => {
    const tenant = await fakeTenant({
      item: (externalKey) => (externalKey.includes(":user:") ? { code: 9, reason: "TEAM_NOT_FOUND" } : undefined),
    });
    await expect(load(tenant, { patienceMs: 20 })).rejects.toThrow("TEAM_NOT_FOUND");
  });

  it("a refused key ends the load at once", async () => {
    const tenant = await fakeTenant({ batch: () => ({ status: 401 }) });
    await expect(load(tenant)).rejects.toThrow("/v1/teams:batchCreate: 401");
    expect(tenant.arrivals).toHaveLength(1);
  });

  it("a server that takes a request and never answers is asked again, as often as told", async () => {
    const tenant = await fakeTenant({ batch: () => "no answer" });
    await expect(load(tenant, { maxAttempts: 2, timeoutMs: 200 })).rejects.toThrow(`no answer from ${tenant.baseUrl}`);
    expect(tenant.arrivals).toHaveLength(2);
  });
});
