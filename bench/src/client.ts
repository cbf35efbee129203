/**
 * What the TypeScript client adds to bare fetch: CPU of this process and time until the answer, per get, list and update,
 * against a server in another process that answers at once. `node --conditions=source bench/src/client.ts [--quick]`
 */
import { fork } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import { leads } from "@keynode/client/api/leads";
import { createClient } from "@keynode/client/client";
import { apiKey } from "@keynode/client/credentials";
import { median, ratios } from "./statistics.ts";
import { aligned } from "./table.ts";

const SERVE = "serve";
const isQuick = process.argv.includes("--quick");
const ROUNDS = isQuick ? 5 : 15;
const REQUESTS = isQuick ? 150 : 400;
const PAGE_SIZE = 20;

const lead = { id: "lead_01jz8m3k5qf7x9v2t4w6y8a0bc", etag: "3", name: "王芳", company: "Acme", status: "NEW" };

const serve = (): void => {
  const [one, page] = [lead, { leads: Array.from({ length: PAGE_SIZE }, () => lead) }].map((body) =>
    JSON.stringify(body),
  );
  const server = createServer((request, response) => {
    const body = request.url?.startsWith("/v1/leads?") === true ? page : one;
    request.resume().once("end", () => response.writeHead(200, { "content-type": "application/json" }).end(body));
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
};

type Request = () => Promise<unknown>;

/** What a round took per request. */
type Cost = { readonly cpuUs: number; readonly latencyUs: number };

/** One request after another: what is measured is the way of one, not how many fit in beside each other. */
const round = async (request: Request): Promise<Cost> => {
  const before = process.cpuUsage();
  const latenciesUs: number[] = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    const startedMs = performance.now();
    await request();
    latenciesUs.push((performance.now() - startedMs) * 1_000);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / REQUESTS, latencyUs: median(latenciesUs) };
};

/** Turn by turn, each round begun by the other, so that what else the machine does meets both. */
const compare = async (plain: Request, client: Request) => {
  const costs = { plain: [] as Cost[], client: [] as Cost[] };
  for (const request of [plain, client]) await round(request);
  for (let count = 0; count < ROUNDS; count += 1) {
    const turn = [["plain", plain] as const, ["client", client] as const];
    for (const [name, request] of count % 2 === 0 ? turn : turn.toReversed()) costs[name].push(await round(request));
  }
  return costs;
};

const rowOf = (name: string, what: keyof Cost, costs: Awaited<ReturnType<typeof compare>>): string[] => {
  const [client, plain] = [costs.client, costs.plain].map((all) => all.map((cost) => cost[what]));
  if (client === undefined || plain === undefined) return [];
  const ratio = ratios(client, plain);
  return [
    `${name}, ${what === "cpuUs" ? "CPU" : "latency"}`,
    median(plain).toFixed(0),
    median(client).toFixed(0),
    ratio.median.toFixed(2),
    `${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)}`,
  ];
};

const measure = async (baseUrl: string): Promise<void> => {
  const api = leads(createClient({ baseUrl, credentials: apiKey("secret") }));
  const url = `${baseUrl}/v1/leads`;
  // What a careful caller of fetch sends, too.
  const headers = { authorization: "Bearer secret" };
  const write = { ...headers, "content-type": "application/json" };
  const bare = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(30_000) });
    return response.json();
  };
  const contenders: Readonly<Record<string, readonly [plain: Request, client: Request]>> = {
    get: [() => bare(`${url}/${lead.id}`, { headers }), () => api.get(lead.id)],
    list: [() => bare(`${url}?pageSize=${PAGE_SIZE}`, { headers }), () => api.list({ pageSize: PAGE_SIZE }).page()],
    update: [
      () =>
        bare(`${url}/${lead.id}`, {
          method: "PATCH",
          headers: { ...write, "idempotency-key": randomUUID() },
          body: JSON.stringify({ company: "Acme" }),
        }),
      () => api.update(lead.id, { company: "Acme" }),
    ],
  };
  const rows: string[][] = [];
  for (const [name, [plain, client]] of Object.entries(contenders)) {
    const costs = await compare(plain, client);
    rows.push(rowOf(name, "cpuUs", costs), rowOf(name, "latencyUs", costs));
  }
  console.log(aligned([["", "fetch µs", "client µs", "ratio", "of the rounds"], ...rows]));
};

if (process.argv[2] === SERVE) {
  serve();
} else {
  const server = fork(import.meta.filename, [SERVE], { execArgv: process.execArgv });
  server.once("message", (port: number) => {
    void measure(`http://127.0.0.1:${String(port)}`).finally(() => server.kill());
  });
}
