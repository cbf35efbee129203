import { type Api, openApi } from "./api.ts";
import { quantile } from "./statistics.ts";

export type Delay = { readonly name: string; readonly p50Ms: number; readonly p99Ms: number; readonly samples: number };

type Identified = { readonly id: string };

/** Longest that an effect may take; a machine at rest needs a hundredth of it. */
const PATIENCE_MS = 20_000;

/** From now until the question is answered with yes; it is asked again at once. */
const until = async (ask: () => Promise<boolean>): Promise<number> => {
  const startedMs = performance.now();
  while (!(await ask())) {
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error("an effect in another service did not come");
  }
  return performance.now() - startedMs;
};

const newAccount = (api: Api): Promise<Identified> =>
  api.post("/v1/accounts", { kind: "COMPANY", name: "Acme Trading", origin: { kind: "COLLECTED_BY_SALESPERSON" } });

const newDeal = (api: Api, accountId: string): Promise<Identified> =>
  api.post("/v1/opportunities", { name: "100 seats", accountId, basis: { kind: "CUSTOMER_NEED" } });

/** A deal is opened in one service, and stands on its account's timeline, which another one keeps. */
const seenElsewhere = async (api: Api): Promise<number> => {
  const { id: accountId } = await newAccount(api);
  const entries = async (): Promise<number> => {
    const page = await api.get<{ timelineEntries?: readonly { eventType: string }[] }>(
      `/v1/accounts/${accountId}/timeline`,
    );
    return (page.timelineEntries ?? []).filter(({ eventType }) => eventType.endsWith("OpportunityOpened")).length;
  };
  await onceKnown(() => newDeal(api, accountId));
  await until(async () => (await entries()) === 1);
  await newDeal(api, accountId);
  return await until(async () => (await entries()) === 2);
};

/** Makes what refers to a record that its service may not have heard of yet: asked again until it has. */
const onceKnown = async (make: () => Promise<Identified>): Promise<Identified> => {
  const made: Identified[] = [];
  await until(async () => {
    try {
      made.push(await make());
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("_NOT_FOUND")) throw error;
    }
    return made.length > 0;
  });
  const [record] = made;
  if (record === undefined) throw new Error("made nothing");
  return record;
};

/** A contract is signed; its deal is won by that; the report counts the win. */
const signedToReport = async (api: Api): Promise<number> => {
  const { id: accountId } = await newAccount(api);
  const deal = await onceKnown(() => newDeal(api, accountId));
  const contract = await onceKnown(() =>
    api.post("/v1/contracts", {
      accountId,
      opportunityId: deal.id,
      title: "100 seats",
      value: { currencyCode: "USD", units: "12000" },
    }),
  );
  const path = `/v1/contracts/${contract.id}`;
  const drafted = await api.post<{ clauses: readonly Identified[] }>(`${path}:addClause`, {
    title: "Payment",
    text: "30 days",
  });
  for (const party of ["OURS", "THEIRS"]) {
    await api.post(`${path}:acceptClause`, { clauseId: drafted.clauses[0]?.id, party });
  }
  const wins = async (): Promise<number> => {
    const { totals } = await api.get<{ totals?: { wonCount?: string } }>("/v1/reports/sales");
    return Number(totals?.wonCount ?? 0);
  };
  // The deal's link to the contract travels too; at rest it is there before the signature.
  await until(async () => (await api.get<{ contractId?: string }>(`/v1/opportunities/${deal.id}`)).contractId !== "");
  const before = await wins();
  await api.post(`${path}:sign`, {
    signatories: [
      { name: "Chen", party: "OURS" },
      { name: "Wang", party: "THEIRS" },
    ],
  });
  return await until(async () => (await wins()) > before);
};

const delayOf = async (name: string, samples: number, once: () => Promise<number>): Promise<Delay> => {
  const tookMs: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) tookMs.push(await once());
  return { name, p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99), samples };
};

/** From a command's answer until its effect is read through the gateway, one after another, with nothing else going on. */
export const measureDelays = async (
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
  samples: number,
): Promise<Delay[]> => {
  const api = await openApi(baseUrl, headers);
  try {
    return [
      await delayOf("event visible in another service", samples, () => seenElsewhere(api)),
      await delayOf("signed → won → in the report", samples, () => signedToReport(api)),
    ];
  } finally {
    api.close();
  }
};
