import { expect, test } from "vitest";
import { api, newEmail, type Options } from "./api.ts";
import type { Page, SalesReport } from "./records.ts";
import { newUser } from "./steps.ts";

/** Writes followed at once by a read in another service; `npm run test:long` has more. */
const pairs = process.env["KEYNODE_TEST_LONG"] === "1" ? 3_000 : 300;
const atOnce = 6;

type Funnels = {
  readonly funnels?: readonly { readonly subject: string; readonly steps?: readonly { readonly count?: string }[] }[];
};

const client = api();

/** Sends a write and answers its record with the token of its answer. */
const write = async (path: string, body: object): Promise<{ id: string; token: string }> => {
  const answer = await client.send<{ id: string }>("POST", path, { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return { id: answer.body.id, token: answer.headers.get("keynode-consistency") ?? "" };
};

const read = async <Shape>(path: string, token: string): Promise<Shape> => {
  const options: Options = { headers: { "keynode-consistency": token } };
  const answer = await client.send<Shape>("GET", path, options);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};

test("a read that names a write sees it, in whichever service and report", async () => {
  const ownerId = await newUser(client);
  const accountId = (
    await write("/v1/accounts", { kind: "COMPANY", name: "Acme", origin: { kind: "COLLECTED_BY_SALESPERSON" } })
  ).id;
  let [captured, opened] = [0, 0];

  /** A lead, seen in the funnel that analytics counts from events. */
  const leadCounted = async (): Promise<void> => {
    const { token } = await write("/v1/leads", { name: "Wang Fang", email: newEmail(), source: "TRADE_SHOW", ownerId });
    captured += 1;
    const least = captured;
    const { funnels = [] } = await read<Funnels>(`/v1/reports/funnel?ownerId=${ownerId}`, token);
    const steps = funnels.find(({ subject }) => subject === "LEADS")?.steps ?? [];
    expect(Number(steps[0]?.count)).toBeGreaterThanOrEqual(least);
  };
  /** A deal, seen in the sales report and on its customer's timeline. */
  const dealSeen = async (): Promise<void> => {
    const { id, token } = await write("/v1/opportunities", {
      name: "100 seats",
      basis: { kind: "CUSTOMER_NEED" },
      accountId,
      ownerId,
    });
    opened += 1;
    const least = opened;
    const report = await read<SalesReport>(`/v1/reports/sales?ownerId=${ownerId}&currency=CNY`, token);
    expect(Number(report.totals.openedCount)).toBeGreaterThanOrEqual(least);
    const timeline = await read<Page<"timelineEntries", { recordId: string }>>(
      `/v1/accounts/${accountId}/timeline?pageSize=1000`,
      token,
    );
    expect(timeline.timelineEntries?.map(({ recordId }) => recordId)).toContain(id);
  };

  let left = pairs;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await (left % 3 === 0 ? leadCounted() : dealSeen());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}, 600_000);

test("a token that no answer gave is refused", async () => {
  const answer = await client.send("GET", "/v1/leads", { headers: { "keynode-consistency": "yesterday" } });
  expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_CONSISTENCY_TOKEN" } });
});
