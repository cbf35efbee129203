import path from "node:path";
import { z } from "zod";
import { type ApiOptions, openApi } from "./api-client.ts";
import type { Cleaned } from "./cleaning.ts";
import { readDataset } from "./dataset.ts";
import { loadStep } from "./load-step.ts";
import { type IdOf, type PlannedRecord, planLoad } from "./plan.ts";

/** Records settled so far, of all; `collection` is the one at work. */
export type Progress = { readonly collection: string; readonly done: number; readonly total: number };

export type LoadOptions = ApiOptions & {
  /** Holds the CSV files and their cleaning.csv; its name is part of every external key. */
  readonly folder: string;
  /** Load that many deals, spread evenly over the history, instead of all. */
  readonly sample?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly batchSize?: number;
  readonly concurrency?: number;
  readonly patienceMs?: number;
  readonly pauseMs?: number;
};

export type LoadReport = {
  /** True when an earlier load had come to its end, so that this one had nothing to do. */
  readonly complete: boolean;
  readonly total: number;
  /** Made by this load, or by an earlier one that was cut short. */
  readonly accepted: number;
  /** Known to the tenant by their external key. */
  readonly present: number;
  readonly cleaned: readonly Cleaned[];
};

const foundSchema = z.object({ opportunities: z.array(z.unknown()).default([]) });

/**
 * Loads a sales history into the API key's tenant. Running it again, also after it was cut short or beside another one,
 * loads nothing twice: batches carry keys made of their content, and records external keys that the tenant keeps unique.
 * The last record is loaded alone at the end; finding it, deleted or not, means that all is there.
 */
export const loadDataset = async (options: LoadOptions): Promise<LoadReport> => {
  const { folder, sample, onProgress = () => {}, signal } = options;
  const { batchSize = 100, concurrency = 4, patienceMs = 60_000, pauseMs = 250 } = options;
  const dataset = readDataset(folder);
  const steps = planLoad(dataset, path.basename(path.resolve(folder)), sample);
  const total = steps.reduce((sum, { records }) => sum + records.length, 0);
  const api = openApi(options);

  const isThere = async ({ externalKey }: PlannedRecord): Promise<boolean> => {
    const query = new URLSearchParams({
      filter: `externalKey = ${JSON.stringify(externalKey)}`,
      pageSize: "1",
      showDeleted: "true",
      readMask: "id",
    });
    return foundSchema.parse(await api.get(`/v1/opportunities?${query.toString()}`)).opportunities.length > 0;
  };

  const last = steps.at(-1)?.records.at(-1);
  if (last && (await isThere(last))) {
    onProgress({ collection: "opportunities", done: total, total });
    return { complete: true, total, accepted: 0, present: total, cleaned: dataset.cleaned };
  }

  const ids = new Map<string, string>();
  const idOf: IdOf = (externalKey) => {
    const id = ids.get(externalKey);
    if (id === undefined) throw new Error(`${externalKey} is referred to before it is loaded`);
    return id;
  };
  let done = 0;
  let accepted = 0;
  let present = 0;
  for (const step of steps) {
    const outcome = await loadStep(
      step,
      idOf,
      { api, batchSize, concurrency, patienceMs, pauseMs, signal },
      (count) => {
        done += count;
        onProgress({ collection: step.collection, done, total });
      },
    );
    for (const [externalKey, id] of outcome.ids) ids.set(externalKey, id);
    accepted += outcome.accepted;
    present += outcome.present;
  }
  return { complete: false, total, accepted, present, cleaned: dataset.cleaned };
};
