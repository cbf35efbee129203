import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { choosePort } from "@keynode/engines/port";
import { startInstallation } from "../installation.ts";
import { aligned } from "../table.ts";
import { HOSTILE, type HostileInput } from "./inputs.ts";

/** How many of them press at once. */
const CONNECTIONS = 8;
const GIVE_UP_MS = 20_000;

type LoopDelay = { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

export type HostileFindings = {
  readonly requests: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The slowest answer to each input. */
  readonly slowest: readonly { readonly name: string; readonly ms: number; readonly status: number }[];
  readonly loops: Readonly<Record<string, LoopDelay>>;
};

/** Presses hostile input on an installation for a while, and asks each process how late its event loop was meanwhile. */
export const measureHostile = async (durationMs: number): Promise<HostileFindings> => {
  const home = mkdtempSync(path.join(os.tmpdir(), "keynode-hostile-"));
  const delays = mkdtempSync(path.join(os.tmpdir(), "keynode-delays-"));
  const probe = pathToFileURL(path.join(import.meta.dirname, "delay-probe.mjs")).href;
  try {
    const installation = await startInstallation(
      { home, httpPort: await choosePort({}), mongodbPort: await choosePort({}) },
      { EVENT_LOOP_DELAYS: delays, NODE_OPTIONS: `--import=${probe}`, RATE_LIMIT_ADDRESS_PER_S: "1000000" },
    );
    let pressed: Pick<HostileFindings, "requests" | "statuses" | "slowest">;
    try {
      for (const [name, pid] of installation.pids) if (name !== "launcher") process.kill(pid, "SIGUSR2");
      pressed = await press(installation, durationMs);
    } finally {
      await installation.stop();
    }
    const loops = readdirSync(delays).map((file): [string, LoopDelay] => [
      path.basename(file, ".json"),
      JSON.parse(readFileSync(path.join(delays, file), "utf8")),
    ]);
    return { ...pressed, loops: Object.fromEntries(loops.sort(([a], [b]) => (a < b ? -1 : 1))) };
  } finally {
    for (const folder of [home, delays]) rmSync(folder, { recursive: true, force: true });
  }
};

type Target = { readonly baseUrl: string; readonly headers: Readonly<Record<string, string>> };

const press = async (target: Target, durationMs: number) => {
  const statuses: Record<string, number> = {};
  const slowest = new Map<string, { ms: number; status: number }>();
  let requests = 0;
  const untilMs = performance.now() + durationMs;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      for (let at = connection * 5; performance.now() < untilMs; at++) {
        const input = HOSTILE[at % HOSTILE.length];
        if (input === undefined) continue;
        const startedMs = performance.now();
        const status = await send(target, input);
        const ms = performance.now() - startedMs;
        if (status >= 500) throw new Error(`${input.name}: ${status}`);
        requests += 1;
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (ms > (slowest.get(input.name)?.ms ?? 0)) slowest.set(input.name, { ms, status });
      }
    }),
  );
  return { requests, statuses, slowest: [...slowest].map(([name, found]) => ({ name, ...found })) };
};

const send = async ({ baseUrl, headers: common }: Target, { method, path: target, headers, body }: HostileInput) => {
  const response = await fetch(baseUrl + target, {
    method,
    headers: { ...common, ...headers },
    signal: AbortSignal.timeout(GIVE_UP_MS),
    ...(body && { body: body(), duplex: "half" }),
  } as RequestInit);
  await response.arrayBuffer();
  return response.status;
};

/** The findings as people read them. */
export const hostileTable = ({ requests, statuses, slowest, loops }: HostileFindings): string =>
  [
    `${requests} hostile requests: ${Object.entries(statuses)
      .map(([status, count]) => `${count} × ${status}`)
      .join(", ")}`,
    aligned([
      ["event loop's delay", "p50 ms", "p99 ms", "most ms"],
      ...Object.entries(loops).map(([name, { p50Ms, p99Ms, maxMs }]) => [
        name,
        p50Ms.toFixed(1),
        p99Ms.toFixed(1),
        maxMs.toFixed(1),
      ]),
    ]),
    aligned([
      ["slowest answer", "status", "ms"],
      ...slowest
        .toSorted((a, b) => b.ms - a.ms)
        .slice(0, 10)
        .map(({ name, status, ms }) => [name, String(status), ms.toFixed(0)]),
    ]),
  ].join("\n\n");
