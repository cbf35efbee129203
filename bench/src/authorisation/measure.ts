import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createMinter, type Mint } from "@keynode/auth/minter";
import type { Principal } from "@keynode/auth/principal";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService, ListLeadsRequest } from "@keynode/contracts/crm/lead/v1/lead_service";
import { resolveEngines } from "@keynode/engines/resolve";
import { type GrpcClient, grpcClient } from "@keynode/grpc/client";
import { cpuMs } from "../processes.ts";
import { leadNumber } from "../rows.ts";
import { type Summary, summary } from "../statistics.ts";
import { aligned } from "../table.ts";
import { admin, AUDIENCE, manager, type Mode, SEEN_TEAMS, type Start, teamId } from "./setting.ts";

/** What authorisation adds to the CPU time of one kind of call, as a share of what the call costs without it. */
export type Added = {
  readonly caller: string;
  readonly call: string;
  readonly offMs: number;
  readonly shippedMs: number;
  readonly added: Summary;
};

const ROUNDS = 9;
const IN_FLIGHT = 16;
const LEADS = 3_000;
const BATCH = 50;
const DEADLINE_MS = 20_000;

type Server = { readonly mode: Mode; readonly pid: number; readonly address: string };
type Leads = GrpcClient<typeof LeadServiceService>;

const startServer = async (child: ChildProcess, start: Start): Promise<Server> => {
  const answered = new Promise<Server>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the ${start.mode} server ended with ${code}`)));
    child.once("message", ({ port }: { port: number }) =>
      resolve({ mode: start.mode, pid: child.pid ?? 0, address: `127.0.0.1:${port}` }),
    );
  });
  child.send(start);
  return await answered;
};

const clientOf = ({ address }: Server, mint: Mint, principal: Principal): Leads =>
  grpcClient(LeadServiceService, { address, deadlineMs: DEADLINE_MS, token: () => mint(principal, AUDIENCE) });

/** Half of the leads are the manager's to see by one team, half by another below it. */
const seed = async (leads: Leads): Promise<string[]> => {
  const ids: string[] = [];
  for (let first = 0; first < LEADS; first += BATCH) {
    const requests = Array.from({ length: BATCH }, (_lead, index) => ({
      lead: Lead.fromPartial({
        ...leadNumber(`authorisation.${first + index}`),
        teamId: teamId(SEEN_TEAMS[index % SEEN_TEAMS.length] ?? 0),
      }),
    }));
    const { results } = await leads.batchCreateLeads({ requests });
    const refused = results.find(({ status }) => (status?.code ?? 0) !== 0);
    if (refused) throw new Error(`a lead was refused: ${refused.status?.message}`);
    ids.push(...results.flatMap(({ lead }) => lead?.id ?? []));
  }
  return ids;
};

type Call = { readonly name: string; readonly count: number; readonly run: (leads: Leads) => Promise<unknown> };

const callsOn = (ids: readonly string[]): readonly Call[] => {
  let asked = 0;
  let created = 0;
  const page = ListLeadsRequest.fromPartial({ filter: "status = NEW", pageSize: 20 });
  return [
    {
      name: "get",
      count: 1_500,
      run: (leads) => leads.getLead({ id: ids[(asked += 7_919) % ids.length] ?? "", readMask: undefined }),
    },
    { name: "list 20 by status", count: 500, run: (leads) => leads.listLeads(page) },
    {
      name: "create",
      count: 600,
      run: (leads) =>
        leads.createLead({
          lead: Lead.fromPartial({ ...leadNumber(`made.${(created += 1)}`), teamId: teamId(SEEN_TEAMS[0]) }),
        }),
    },
  ];
};

/** CPU milliseconds of the server per call. */
const round = async ({ pid }: Server, leads: Leads, { count, run }: Call): Promise<number> => {
  const beforeMs = cpuMs([pid]);
  let left = count;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) await run(leads);
    }),
  );
  return (cpuMs([pid]) - beforeMs) / count;
};

/** Two servers on one store take turns, each round begun by the other: only what authorisation costs differs. */
export const measureAuthorisation = async (): Promise<readonly Added[]> => {
  const home = mkdtempSync(path.join(os.tmpdir(), "keynode-authorisation-"));
  const engines = await resolveEngines({ dataDir: home, log: () => undefined, own: true, temporary: true });
  const children: ChildProcess[] = [];
  const clients: Leads[] = [];
  try {
    const { publicJwk, privateJwk, keyId } = await generateKeyPair();
    const mint = createMinter({ issuer: "gateway", privateJwk, keyId });
    const servers: Server[] = [];
    // One after the other: both make the same indexes.
    for (const mode of ["shipped", "off"] as const) {
      const child = fork(path.join(import.meta.dirname, "serve.ts"), { execArgv: ["--conditions=source"] });
      children.push(child);
      servers.push(await startServer(child, { mode, mongoUrl: engines.mongo.url, publicJwk }));
    }
    const clientAs = (server: Server, principal: Principal): Leads => {
      const client = clientOf(server, mint, principal);
      clients.push(client);
      return client;
    };
    const [first] = servers;
    if (first === undefined) throw new Error("no server");
    const calls = callsOn(await seed(clientAs(first, admin)));
    const found: Added[] = [];
    for (const [caller, principal] of [["of all records", admin] as const, ["of a team's", manager] as const]) {
      const contenders = servers.map((server) => ({ server, client: clientAs(server, principal), ms: [] as number[] }));
      for (const call of calls) {
        for (const { server, client } of contenders) await round(server, client, call);
        for (let turn = 0; turn < ROUNDS; turn += 1) {
          for (const { server, client, ms } of turn % 2 === 0 ? contenders : contenders.toReversed()) {
            ms.push(await round(server, client, call));
          }
        }
        found.push(
          addedBy(
            caller,
            call.name,
            contenders.map(({ ms }) => ms.splice(0)),
          ),
        );
      }
    }
    return found;
  } finally {
    for (const client of clients) client.close();
    for (const child of children) {
      child.removeAllListeners("exit");
      child.kill();
    }
    await engines.stop();
    rmSync(home, { recursive: true, force: true });
  }
};

/** Round by round: what slowed the machine down slowed both. */
const addedBy = (caller: string, call: string, [shipped = [], off = []]: readonly number[][]): Added => ({
  caller,
  call,
  shippedMs: summary(shipped).median,
  offMs: summary(off).median,
  added: summary(shipped.map((ms, turn) => ms / (off[turn] ?? Number.NaN) - 1)),
});

const percent = (share: number): string => `${share >= 0 ? "+" : ""}${(share * 100).toFixed(1)} %`;

export const authorisationTable = (found: readonly Added[]): string =>
  aligned([
    ["right", "call", "off, CPU ms", "shipped", "added", "least", "most"],
    ...found.map(({ caller, call, offMs, shippedMs, added }) => [
      caller,
      call,
      offMs.toFixed(2),
      shippedMs.toFixed(2),
      percent(added.median),
      percent(added.least),
      percent(added.most),
    ]),
  ]);
