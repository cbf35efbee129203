import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Api } from "./api-client.ts";
import type { IdOf, PlannedRecord, Step } from "./plan.ts";

/** google.rpc.Status in proto3 JSON, as far as a loader reads it. */
const statusSchema = z.object({
  code: z.number().default(0),
  message: z.string().default(""),
  details: z
    .array(z.looseObject({ reason: z.string().optional(), metadata: z.record(z.string(), z.string()).optional() }))
    .default([]),
});
type Status = z.output<typeof statusSchema>;

const replySchema = z.object({
  results: z.array(z.looseObject({ status: statusSchema.optional() })),
});
const recordSchema = z.looseObject({ id: z.string().min(1) });

export type StepOptions = {
  readonly api: Api;
  /** Records of one request, 1 to 1,000. */
  readonly batchSize: number;
  /** Requests at the same time. */
  readonly concurrency: number;
  /** How long a record is tried again that is refused for what may pass. */
  readonly patienceMs: number;
  readonly pauseMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** What became of a step's records: made by this call or an earlier, equal one; or there already. */
export type StepOutcome = {
  readonly ids: ReadonlyMap<string, string>;
  readonly accepted: number;
  readonly present: number;
};

type Verdict =
  | { readonly kind: "accepted" | "present"; readonly id: string }
  | { readonly kind: "passing" | "refused"; readonly reason: string; readonly message: string };

/** Codes of google.rpc.Code: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE. */
const passingCodes = new Set([4, 8, 10, 14]);

/**
 * Judges one result. A record with the same external key is named by the refusal, which is as good as having made it. A
 * service that has not yet heard of a record made a moment ago by another answers …_NOT_FOUND, which passes too.
 */
const judge = (result: Readonly<Record<string, unknown>>, status: Status | undefined, type: string): Verdict => {
  if (status === undefined || status.code === 0) return { kind: "accepted", id: recordSchema.parse(result[type]).id };
  const information = status.details.find((detail) => detail.reason !== undefined);
  const reason = information?.reason ?? `code ${status.code}`;
  const known =
    information?.metadata?.[`${type}Id`] ?? (reason === "ALREADY_EXISTS" ? information?.metadata?.["id"] : undefined);
  if (known !== undefined) return { kind: "present", id: known };
  const passing = passingCodes.has(status.code) || reason.endsWith("_NOT_FOUND");
  return { kind: passing ? "passing" : "refused", reason, message: status.message };
};

/** The same batch always has the same key, in this run and in the next. */
const keyOf = (path: string, body: object): string =>
  `seed-${createHash("sha256").update(path).update(JSON.stringify(body)).digest("base64url")}`;

const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

const shownRefusals = 10;

/** Loads the records of one step. Throws when one is refused for good, or for longer than the patience lasts. */
export const loadStep = async (
  { collection, type, verb, records }: Step,
  idOf: IdOf,
  { api, batchSize, concurrency, patienceMs, pauseMs, signal }: StepOptions,
  onLoaded: (count: number) => void,
): Promise<StepOutcome> => {
  const path = `/v1/${collection}:${verb}`;
  const ids = new Map<string, string>();
  const counts = { accepted: 0, present: 0 };

  const send = async (batch: readonly PlannedRecord[]): Promise<Verdict[]> => {
    const body = { requests: batch.map((record) => record.body(idOf)) };
    const { results } = replySchema.parse(await api.post(path, body, keyOf(path, body)));
    if (results.length !== batch.length) {
      throw new Error(`${path} answered ${results.length} results for ${batch.length} requests`);
    }
    return results.map((result) => judge(result, result.status, type));
  };

  const load = async (batch: readonly PlannedRecord[]): Promise<void> => {
    const giveUpAt = performance.now() + patienceMs;
    let waiting = batch;
    while (waiting.length > 0) {
      const verdicts = await send(waiting);
      const unsettled: PlannedRecord[] = [];
      const complaints: string[] = [];
      let final = performance.now() > giveUpAt;
      for (const [index, record] of waiting.entries()) {
        const verdict = verdicts[index];
        if (verdict === undefined) continue;
        if ("id" in verdict) {
          ids.set(record.externalKey, verdict.id);
          counts[verdict.kind] += 1;
          continue;
        }
        final ||= verdict.kind === "refused";
        unsettled.push(record);
        complaints.push(`${record.externalKey}: ${verdict.reason} ${verdict.message}`.trimEnd());
      }
      onLoaded(waiting.length - unsettled.length);
      if (final && unsettled.length > 0) {
        const more = complaints.length > shownRefusals ? [`and ${complaints.length - shownRefusals} more`] : [];
        throw new Error([`${path} refused:`, ...complaints.slice(0, shownRefusals), ...more].join("\n  "));
      }
      waiting = unsettled;
      if (waiting.length > 0) await delay(pauseMs, undefined, { signal });
    }
  };

  const batches = chunks(records, batchSize).values();
  const work = async (): Promise<void> => {
    for (const batch of batches) await load(batch);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { ids, ...counts };
};
