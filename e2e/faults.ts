import { expect } from "vitest";
import { type Api, eventually } from "./api.ts";
import type { PersistentClient } from "./persistent-client.ts";
import type { Account, Lead, Opportunity, Page, SalesReport } from "./records.ts";
import type { Stack } from "./stack.ts";
import { agreeAll, draftContract, listAll, newLead, sign } from "./steps.ts";

/** What may be killed: a service's process, or an engine. */
export type Victim = string;

export const BROKER = "broker";
export const DATABASE = "database";

/** Everything that takes part in the main job. */
export const VICTIMS: readonly Victim[] = [
  "lead",
  "account",
  "opportunity",
  "contract",
  "engagement",
  "analytics",
  "service",
  "identity",
  BROKER,
  DATABASE,
];

/** How long a killed service, or an event that waits for one, may need until all is well again. */
const recoveryMs = 90_000;
/** Jobs at once. */
const workers = 4;

const value = { currencyCode: "CNY", units: "12000" };

/** A lead that is converted, and its contract signed: eight writes, effects in six services. */
const job = async (api: Api): Promise<void> => {
  const { id } = await newLead(api);
  await api.post(`/v1/leads/${id}:qualify`);
  await api.post(`/v1/leads/${id}:convert`, { amount: value });
  await eventually(
    () => api.get<Lead>(`/v1/leads/${id}`),
    ({ conversion }) => expect(conversion?.state).toBe("COMPLETE"),
    recoveryMs,
  );
  const { conversion } = await api.get<Lead>(`/v1/leads/${id}`);
  const cover = { fromDate: { year: 2025, month: 1, day: 1 }, untilDate: { year: 2099, month: 12, day: 31 } };
  const { accountId, opportunityId } = conversion ?? {};
  const contract = await draftContract(api, { accountId, opportunityId, cover }, ["payment"]);
  await agreeAll(api, contract);
  await sign(api, contract.id);
};

/** Runs jobs, a few at a time, until `faults` is through; answers how many there were. */
export const jobsDuring = async (api: Api, faults: () => Promise<void>): Promise<number> => {
  let over = false;
  let jobs = 0;
  const work = async (): Promise<void> => {
    do {
      jobs += 1;
      await job(api);
    } while (!over);
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  try {
    // Jobs end with the faults, unless one of them fails first.
    await Promise.race([faults(), working]);
  } finally {
    over = true;
  }
  await working;
  return jobs;
};

/** Ends a victim as `kill -9` does; resolves when it runs again, not when it serves. */
export const kill = async ({ keynode }: Stack, victim: Victim): Promise<void> => {
  const engine = { [BROKER]: keynode.engines.nats, [DATABASE]: keynode.engines.mongo }[victim];
  if (engine !== undefined) {
    await engine.kill();
    return await engine.start();
  }
  const service = keynode.services.get(victim);
  if (service === undefined) throw new Error(`there is no ${victim}`);
  const killed = service.pid();
  service.crash();
  await eventually(
    async () => service.pid(),
    (pid) => expect([undefined, killed]).not.toContain(pid),
  );
};

/** Resolves when so many more writes have been acknowledged: the next fault hits a system at work. */
export const moreWrites = async ({ acknowledged }: PersistentClient, count: number): Promise<void> => {
  const before = acknowledged().length;
  await eventually(
    async () => acknowledged().length,
    (now) => expect(now).toBeGreaterThanOrEqual(before + count),
    recoveryMs,
  );
};

/** Every effect of every job is there, and none twice. The tenant holds nothing else. */
export const expectEffectsOnce = async (api: Api, jobs: number): Promise<void> => {
  const found = async () => ({
    leads: await listAll<Lead>(api, "leads", ""),
    accounts: await listAll<Account>(api, "accounts", ""),
    contacts: await listAll<{ accountId: string }>(api, "contacts", ""),
    opportunities: await listAll<Opportunity>(api, "opportunities", ""),
    contracts: await listAll<{ accountId: string; status: string }>(api, "contracts", ""),
    purchases: await listAll<{ accountId: string }>(api, "purchases", ""),
    keyNodes: (await listAll<{ accountId: string; nodeType: string }>(api, "keyNodes", "")).filter(
      ({ nodeType }) => nodeType === "PURCHASE",
    ),
    covers: await listAll<{ accountId: string }>(api, "covers", ""),
    careTasks: (await listAll<{ accountId: string; kind: string }>(api, "tasks", "")).filter(
      ({ kind }) => kind === "CARE",
    ),
    report: (await api.get<SalesReport>("/v1/reports/sales?groupBy=NONE&currency=CNY")).totals,
  });
  await eventually(
    found,
    ({ leads, accounts, opportunities, report, ...ofAccounts }) => {
      expect([leads.length, accounts.length, opportunities.length]).toEqual([jobs, jobs, jobs]);
      expect(new Set(leads.map(({ conversion }) => conversion?.state))).toEqual(new Set(["COMPLETE"]));
      expect(accounts.filter((it) => it.stage !== "CLOSED_WON" || it.purchaseCount !== 1)).toEqual([]);
      expect(opportunities.filter(({ status }) => status !== "WON")).toEqual([]);
      const ids = accounts.map(({ id }) => id).sort();
      for (const [collection, rows] of Object.entries(ofAccounts)) {
        expect({ [collection]: rows.map(({ accountId }) => accountId).sort() }).toEqual({ [collection]: ids });
      }
      const { openedCount, wonCount, wonValue } = report;
      expect({ openedCount, wonCount, wonValue }).toEqual({
        openedCount: String(jobs),
        wonCount: String(jobs),
        wonValue: { currencyCode: "CNY", units: String(jobs * 12_000) },
      });
    },
    recoveryMs,
  );
};

/** Nothing was given up. */
export const expectNoDeadLetters = async ({ keynode }: Stack, api: Api): Promise<void> => {
  const services = [...keynode.services.keys()].filter((name) => name !== "gateway");
  const letters = await Promise.all(
    services.map((service) => api.get<Page<"deadLetters", object>>(`/v1/services/${service}/deadLetters`)),
  );
  expect(letters.flatMap(({ deadLetters = [] }) => deadLetters)).toEqual([]);
};

/** A write that was acknowledged answers a repeat of its key as it did the first time. */
export const expectSameAnswers = async ({ acknowledged, repeat }: PersistentClient): Promise<void> => {
  for (const write of acknowledged()) {
    const { status, body } = await repeat(write);
    const { path, answer } = write;
    expect({ path, status, body }).toEqual({ path, status: answer.status, body: answer.body });
  }
};
