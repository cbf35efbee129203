import type { Delay } from "./delays.ts";
import type { RowResult } from "./rounds.ts";
import type { Summary } from "./statistics.ts";

/** All that one run found. */
export type Findings = {
  readonly machine: { readonly cpus: number; readonly node: string; readonly loadAverage: number };
  readonly seeded: { readonly leads: number; readonly deals: number };
  readonly rows: readonly RowResult[];
  readonly delays: readonly Delay[];
  /** Resident MiB by process, at rest after everything. */
  readonly memoryMib: Readonly<Record<string, number>>;
  /** Of all processes, what they share counted once. */
  readonly memoryTogetherMib: number;
  readonly start: { readonly firstMs: number; readonly warmMs: number };
};

const spread = ({ median, least, most }: Summary): string =>
  `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

/** Lines of a table whose columns are as wide as their widest cell; the first column is text, the others figures. */
export const aligned = (lines: readonly (readonly string[])[]): string => {
  const widths = (lines[0] ?? []).map((_cell, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

/** The findings as people read them. */
export const tableOf = ({ machine, seeded, rows, delays, memoryMib, memoryTogetherMib, start }: Findings): string => {
  const speed = rows.flatMap(({ row, outcomes }) =>
    outcomes.map(({ contender, perSecond, ratio, drainedRatio, cpuMsPerRequest }, index) => [
      index === 0 ? row : "",
      contender,
      perSecond.median.toFixed(0),
      spread(ratio),
      drainedRatio === undefined ? "" : spread(drainedRatio),
      cpuMsPerRequest.median.toFixed(2),
    ]),
  );
  const memory = Object.entries(memoryMib).toSorted(([, a], [, b]) => b - a);
  const total = memory.reduce((sum, [, mib]) => sum + mib, 0);
  return [
    `${machine.cpus} cores, Node ${machine.node}, load average ${machine.loadAverage.toFixed(1)} before the run; ${seeded.leads} leads, ${seeded.deals} deals`,
    aligned([["", "", "req/s", "ratio (least–most)", "until drained", "CPU ms/request"], ...speed]),
    aligned([
      ["at rest", "p50 ms", "p99 ms", "samples"],
      ...delays.map(({ name, p50Ms, p99Ms, samples }) => [name, p50Ms.toFixed(0), p99Ms.toFixed(0), String(samples)]),
    ]),
    `resident memory after the run, ${total} MiB in all (${memoryTogetherMib} MiB with what is shared counted once): ${memory.map(([name, mib]) => `${name} ${mib}`).join(", ")}`,
    `ready after ${(start.firstMs / 1_000).toFixed(1)} s on an empty folder, ${(start.warmMs / 1_000).toFixed(1)} s on a full one`,
  ].join("\n\n");
};
