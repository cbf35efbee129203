/**
 * What the TypeScript client costs over bare fetch: CPU of this process per read and write, against a server in another
 * process that answers a lead at once. `node --conditions=source bench/src/client.ts`
 */
import { fork } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import { leads } from "@keynode/client/api/leads";
import { createClient } from "@keynode/client/client";
import { apiKey } from "@keynode/client/credentials";

const ROUNDS = 15;
const REQUESTS = 400;
const SERVE = "serve";

const lead = { id: "lead_01jz8m3k5qf7x9v2t4w6y8a0bc", etag: "3", name: "王芳", company: "Acme", status: "NEW" };

const serve = (): void => {
  const body = JSON.stringify(lead);
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(200, { "content-type": "application/json" }).end(body));
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** CPU milliseconds per request of a round. */
const round = async (request: () => Promise<unknown>): Promise<number> => {
  const before = cpuMs();
  for (let count = 0; count < REQUESTS; count += 1) await request();
  return (cpuMs() - before) / REQUESTS;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const measure = async (baseUrl: string): Promise<void> => {
  const api = leads(createClient({ baseUrl, credentials: apiKey("secret") }));
  const url = `${baseUrl}/v1/leads/${lead.id}`;
  // What a careful caller of fetch sends, too.
  const headers = { authorization: "Bearer secret" };
  const write = { ...headers, "content-type": "application/json" };
  const bare = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(30_000) });
    return response.json();
  };
  const contenders = {
    get: [() => bare(url, { headers }), () => api.get(lead.id)],
    update: [
      () =>
        bare(url, {
          method: "PATCH",
          headers: { ...write, "idempotency-key": randomUUID() },
          body: JSON.stringify({ company: "Acme" }),
        }),
      () => api.update(lead.id, { company: "Acme" }),
    ],
  } as const;
  for (const [name, [plain, client]] of Object.entries(contenders)) {
    const [plainMs, clientMs]: [number[], number[]] = [[], []];
    for (const request of [plain, client]) await round(request);
    // Turn by turn, so that what else the machine does meets both.
    for (let count = 0; count < ROUNDS; count += 1) {
      plainMs.push(await round(plain));
      clientMs.push(await round(client));
    }
    const added = (median(clientMs) / median(plainMs) - 1) * 100;
    const shown = [median(plainMs), median(clientMs)].map((ms) => `${(ms * 1_000).toFixed(0)} µs`);
    console.log(`${name}: fetch ${shown[0]}, client ${shown[1]}, ${added >= 0 ? "+" : ""}${added.toFixed(1)} % CPU`);
  }
};

if (process.argv[2] === SERVE) {
  serve();
} else {
  const server = fork(import.meta.filename, [SERVE], { execArgv: process.execArgv });
  server.once("message", (port: number) => {
    void measure(`http://127.0.0.1:${String(port)}`).finally(() => server.kill());
  });
}
