import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { type Answer, type Api, newEmail, type Options } from "./api.ts";
import type { Page, SalesReport } from "./records.ts";
import { newUser } from "./steps.ts";

type Funnels = {
  readonly funnels?: readonly { readonly subject: string; readonly steps?: readonly { readonly count?: string }[] }[];
};

/** Pairs under way at the same time. */
const atOnce = 6;

/** Newest entries of a timeline, among which a new one is however many come at once. */
const newest = 100;

/** Calls that were refused, by the reason, because a copy or a service took too long, and were sent again. */
export type Refused = Readonly<Record<string, number>>;

/** A machine that is busy may refuse a call; one that is refused so often is not served at all. */
const maxAttempts = 10;

/**
 * Writes, each followed at once by a read elsewhere that names it: a lead and the funnel that analytics counts, or a deal,
 * the sales report, and its customer's timeline. Fails with the first answer that has not seen its write.
 */
export const writeAndRead = async (client: Api, pairs: number): Promise<Refused> => {
  const refused: Record<string, number> = {};
  const sent = async <Shape>(method: string, path: string, options: Options): Promise<Answer<Shape>> => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await client.send<Shape & { readonly code?: string }>(method, path, options);
      const { status, body, headers } = answer;
      if (status !== 503 || attempt === maxAttempts) {
        expect(status, JSON.stringify(body)).toBe(200);
        return answer;
      }
      refused[body.code ?? ""] = (refused[body.code ?? ""] ?? 0) + 1;
      await delay(Number(headers.get("retry-after") ?? 1) * 1_000);
    }
  };
  const write = async (path: string, body: object): Promise<{ id: string; token: string }> => {
    const key = { "idempotency-key": randomUUID() };
    const answer = await sent<{ id: string }>("POST", path, { body, headers: key });
    return { id: answer.body.id, token: answer.headers.get("keynode-consistency") ?? "" };
  };
  const read = async <Shape>(path: string, token: string): Promise<Shape> =>
    (await sent<Shape>("GET", path, { headers: { "keynode-consistency": token } })).body;

  const account = { kind: "COMPANY", name: "Acme", origin: { kind: "COLLECTED_BY_SALESPERSON" } };
  const accountId = (await write("/v1/accounts", account)).id;
  let left = pairs;
  /** Counts what is its own: a token tells of the writes that it came with, not of what others wrote meanwhile. */
  const work = async (): Promise<void> => {
    const ownerId = await newUser(client);
    let [captured, opened] = [0, 0];

    const leadCounted = async (): Promise<void> => {
      const lead = { name: "Wang Fang", email: newEmail(), source: "TRADE_SHOW", ownerId };
      const { token } = await write("/v1/leads", lead);
      captured += 1;
      const { funnels = [] } = await read<Funnels>(`/v1/reports/funnel?ownerId=${ownerId}`, token);
      const steps = funnels.find(({ subject }) => subject === "LEADS")?.steps ?? [];
      expect(steps[0]?.count).toBe(String(captured));
    };
    const dealSeen = async (): Promise<void> => {
      const deal = { name: "100 seats", basis: { kind: "CUSTOMER_NEED" }, accountId, ownerId };
      const { id, token } = await write("/v1/opportunities", deal);
      opened += 1;
      const report = await read<SalesReport>(`/v1/reports/sales?ownerId=${ownerId}&currency=CNY`, token);
      expect(report.totals.openedCount).toBe(String(opened));
      const timeline = await read<Page<"timelineEntries", { recordId: string }>>(
        `/v1/accounts/${accountId}/timeline?pageSize=${newest}`,
        token,
      );
      expect(timeline.timelineEntries?.map(({ recordId }) => recordId)).toContain(id);
    };

    while (left > 0) {
      left -= 1;
      await (left % 3 === 0 ? leadCounted() : dealSeen());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return refused;
};
