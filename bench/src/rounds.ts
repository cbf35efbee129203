import { type Contender, settled } from "./contender.ts";
import { load } from "./load.ts";
import { cpuMs } from "./processes.ts";
import type { Row } from "./rows.ts";
import { ratios, type Summary, summary } from "./statistics.ts";

/** What the rounds of one row gave for one contender. */
export type Outcome = {
  readonly contender: string;
  readonly perSecond: Summary;
  /** Against the first contender. */
  readonly ratio: Summary;
  /** The same when a round ends with the last outbox empty; of rows that write. */
  readonly drainedRatio: Summary | undefined;
  /** CPU time of the processes on a request's way, with what publishing its events takes of them. */
  readonly cpuMsPerRequest: Summary;
};

export type RowResult = { readonly row: string; readonly outcomes: readonly Outcome[] };

type Round = { readonly perSecond: number; readonly drainedPerSecond: number; readonly cpuMsPerRequest: number };

export type Pace = { readonly rounds: number; readonly roundMs: number };

const WARM_UP_SHARE = 0.5;

/** Measures one row: the contenders take turns, each round begun by another, and each starts when all is at rest. */
export const measureRow = async (
  { name, workload, writes }: Row,
  contenders: readonly Contender[],
  { rounds, roundMs }: Pace,
): Promise<RowResult> => {
  for (const contender of contenders) await load(contender, workload, roundMs * WARM_UP_SHARE);
  const all = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      await contender.drained();
      await settled(contender);
      all.get(contender)?.push(await measureRound(contender, workload, roundMs));
    }
  }
  const floor = contenders[0] && all.get(contenders[0]);
  const floorRates = (floor ?? []).map(({ perSecond }) => perSecond);
  return {
    row: name,
    outcomes: [...all].map(([contender, measured]) => ({
      contender: contender.name,
      perSecond: summary(measured.map(({ perSecond }) => perSecond)),
      ratio: ratios(
        measured.map(({ perSecond }) => perSecond),
        floorRates,
      ),
      drainedRatio: writes
        ? ratios(
            measured.map(({ drainedPerSecond }) => drainedPerSecond),
            floorRates,
          )
        : undefined,
      cpuMsPerRequest: summary(measured.map(({ cpuMsPerRequest }) => cpuMsPerRequest)),
    })),
  };
};

const measureRound = async (contender: Contender, workload: Row["workload"], roundMs: number): Promise<Round> => {
  const cpuBeforeMs = cpuMs(contender.pids);
  const startedMs = performance.now();
  const { requests, elapsedMs } = await load(contender, workload, roundMs);
  await contender.drained();
  const drainedMs = performance.now() - startedMs;
  return {
    perSecond: requests / (elapsedMs / 1_000),
    drainedPerSecond: requests / (drainedMs / 1_000),
    cpuMsPerRequest: (cpuMs(contender.pids) - cpuBeforeMs) / requests,
  };
};
