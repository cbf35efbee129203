/** `npm run bench`: the source of every figure in the README. See bench/README.md. */
import { choosePort } from "@keynode/engines/port";
import { MongoClient } from "mongodb";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Contender, settled } from "./contender.ts";
import { measureDelays } from "./delays.ts";
import { DIRECT_LEADS, FLOOR_DATABASE, type Floors, GRPC_LEADS, startFloors } from "./floors.ts";
import { authorisationTable, measureAuthorisation } from "./authorisation/measure.ts";
import { hostileTable, measureHostile } from "./hostile/measure.ts";
import { build, type Installation, memoryOf, memoryTogetherOf, startInstallation } from "./installation.ts";
import type { Workload } from "./load.ts";
import { outboxesOf } from "./outboxes.ts";
import { measureRow, type Pace, type RowResult } from "./rounds.ts";
import { LEAST_LEADS, rowsFor } from "./rows.ts";
import { seedDeals, seedFloors, seedLeads } from "./seed.ts";
import { type Findings, tableOf } from "./table.ts";
import { measureTeams, teamsTable } from "./teams/measure.ts";

const USAGE = `npm run bench -- [--quick] [--json FILE] [--rows NAMES]

  --quick          a minute: fewer records, shorter and fewer rounds
  --json FILE      also writes the findings as JSON
  --rows NAMES     only these rows, by their first words, and no delays: get,list,create,update,report
  --authorisation  only this: what authorisation adds to a service's CPU time per call
  --hostile        only this: hostile input, and how late each event loop is meanwhile
  --teams          only this: lists in an organisation of 1,000 teams and 10,000 users against those of a small one
  --no-build       what is built already
`;

type Scale = Pace & { readonly leads: number; readonly deals: number; readonly delaySamples: number };

const FULL: Scale = { leads: 20_000, deals: 20_000, rounds: 5, roundMs: 3_500, delaySamples: 100 };
const QUICK: Scale = { leads: LEAST_LEADS * 4, deals: 2_000, rounds: 3, roundMs: 1_000, delaySamples: 20 };

/** Time to come to rest before memory is looked at: services give back what they do not need after some seconds. */
const REST_MS = 15_000;

const HOSTILE_MS = 40_000;

const report: Workload = () => ({ next: () => ({ method: "GET", path: "/v1/reports/sales?groupBy=OWNER" }) });

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const contendersOf = (
  installation: Installation,
  floors: Floors,
  ids: { readonly floors: readonly string[]; readonly ours: readonly string[] },
  drained: () => Promise<void>,
): readonly [Contender, Contender, Contender] => {
  const floor = { headers: {}, leadIds: ids.floors, newestByStatus: "status=NEW", drained: async () => {} };
  const { direct, rest, grpc } = floors;
  const both = [rest.pid, grpc.pid];
  const way = ["gateway", "lead"].flatMap((name) => installation.pids.get(name) ?? []);
  const { baseUrl, headers } = installation;
  return [
    {
      ...floor,
      name: "Express + driver",
      baseUrl: `http://127.0.0.1:${direct.port}`,
      pids: [direct.pid],
      background: [direct.pid],
    },
    {
      ...floor,
      name: "Express → gRPC → driver",
      baseUrl: `http://127.0.0.1:${rest.port}`,
      pids: both,
      background: both,
    },
    {
      name: "Keynode",
      baseUrl,
      headers,
      pids: way,
      background: [...installation.pids.values()],
      leadIds: ids.ours,
      newestByStatus: `filter=${encodeURIComponent("status = NEW")}`,
      drained,
    },
  ];
};

/** The report's way leads through another service than a lead's. */
const measureReport = (direct: Contender, ours: Contender, installation: Installation, pace: Pace) => {
  const pids = ["gateway", "analytics"].flatMap((name) => installation.pids.get(name) ?? []);
  return measureRow({ name: "report", workload: report, writes: false }, [direct, { ...ours, pids }], pace);
};

const run = async (home: string, scale: Scale, only: readonly string[]): Promise<Findings> => {
  const chosen = (name: string): boolean => only.length === 0 || only.some((start) => name.startsWith(start));
  const [loadAverage = 0] = os.loadavg();
  const place = { home, httpPort: await choosePort({}), mongodbPort: await choosePort({}) };
  say("starting");
  const installation = await startInstallation(place);
  const floors = await startFloors(installation.mongoUrl);
  const client = await new MongoClient(installation.mongoUrl).connect();
  const { baseUrl, headers } = installation;
  try {
    say("seeding");
    const counts = { leads: scale.leads, deals: chosen("report") ? scale.deals : 0 };
    const ids = {
      floors: await seedFloors(installation.mongoUrl, FLOOR_DATABASE, [DIRECT_LEADS, GRPC_LEADS], counts),
      ours: await seedLeads(installation, counts.leads),
    };
    if (counts.deals > 0) await seedDeals(installation, counts.deals);
    const contenders = contendersOf(installation, floors, ids, await outboxesOf(client));
    const [direct, , ours] = contenders;
    await ours.drained();

    await settled(ours);
    say("delays");
    const delays = only.length > 0 ? [] : await measureDelays(baseUrl, headers, scale.delaySamples);
    const rows: RowResult[] = [];
    for (const row of rowsFor(contenders).filter(({ name }) => chosen(name))) {
      say(row.name);
      rows.push(await measureRow(row, contenders, scale));
    }
    if (chosen("report")) {
      say("report");
      rows.push(await measureReport(direct, ours, installation, scale));
    }
    await ours.drained();
    await settled(ours);
    await delay(REST_MS);
    const memoryMib = memoryOf(installation);
    const memoryTogetherMib = memoryTogetherOf(installation);

    say("starting again");
    await client.close();
    floors.stop();
    await installation.stop();
    const again = await startInstallation(place);
    await again.stop();
    return {
      machine: { cpus: os.availableParallelism(), node: process.versions.node, loadAverage },
      seeded: counts,
      rows,
      delays,
      memoryMib,
      memoryTogetherMib,
      start: { firstMs: installation.startMs, warmMs: again.startMs },
    };
  } catch (error) {
    floors.stop();
    await client.close();
    await installation.stop();
    throw error;
  }
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      quick: { type: "boolean", default: false },
      build: { type: "boolean", default: true },
      json: { type: "string" },
      rows: { type: "string", default: "" },
      authorisation: { type: "boolean", default: false },
      hostile: { type: "boolean", default: false },
      teams: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  // The two servers of this comparison run from the sources.
  if (values.build && !values.authorisation) await build();
  const keep = (found: unknown): void => {
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(found, undefined, 2)}\n`);
  };
  if (values.authorisation) {
    const found = await measureAuthorisation();
    process.stdout.write(`${authorisationTable(found)}\n`);
    keep(found);
    return;
  }
  if (values.hostile) {
    const found = await measureHostile(values.quick ? HOSTILE_MS / 4 : HOSTILE_MS);
    process.stdout.write(`${hostileTable(found)}\n`);
    keep(found);
    return;
  }
  if (values.teams) {
    const found = await measureTeams(values.quick ? { rounds: 3, pages: 40 } : { rounds: 9, pages: 100 }, say);
    process.stdout.write(`${teamsTable(found)}\n`);
    keep(found);
    return;
  }
  const home = mkdtempSync(path.join(os.tmpdir(), "keynode-bench-"));
  try {
    const findings = await run(home, values.quick ? QUICK : FULL, values.rows.split(",").filter(Boolean));
    process.stdout.write(`${tableOf(findings)}\n`);
    keep(findings);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

await main();
