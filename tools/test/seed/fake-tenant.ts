import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { z } from "zod";

const types: Readonly<Record<string, string>> = {
  teams: "team",
  users: "user",
  products: "product",
  accounts: "account",
  opportunities: "opportunity",
};

const batchSchema = z.object({
  requests: z.array(z.record(z.string(), z.looseObject({ externalKey: z.string().optional() }))),
});

/** A batch that arrived. `attempt` counts the arrivals of all batches, from 1. */
export type Arrival = {
  readonly attempt: number;
  readonly collection: string;
  readonly key: string;
  readonly size: number;
};

/** What goes wrong with one batch: before it is worked on, or after. */
export type Fault =
  | { readonly status: number; readonly retryAfterS?: number }
  | "cut before"
  | "cut after"
  | "no answer"
  | undefined;

/** The google.rpc.Status of one item that is refused; undefined accepts it. */
export type Refusal = { readonly code: number; readonly reason: string } | undefined;

export type FakeTenant = {
  readonly baseUrl: string;
  readonly arrivals: readonly Arrival[];
  /** Every record that was made, in order. */
  readonly made: readonly { readonly externalKey: string; readonly id: string }[];
  readonly requests: readonly { readonly method: string; readonly url: string; readonly authorization: string }[];
};

export type Faults = {
  readonly batch?: (arrival: Arrival) => Fault;
  readonly item?: (externalKey: string, arrival: Arrival) => Refusal;
};

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
};

const send = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};

/** The part of the API that a loader needs: batches with unique external keys and idempotency keys, and a lookup. */
export const fakeTenant = async (faults: Faults = {}): Promise<FakeTenant> => {
  const ids = new Map<string, string>();
  const answers = new Map<string, { request: string; reply: object }>();
  const arrivals: Arrival[] = [];
  const made: { externalKey: string; id: string }[] = [];
  const requests: { method: string; url: string; authorization: string }[] = [];

  const batch = async (request: IncomingMessage, response: ServerResponse, collection: string): Promise<void> => {
    const body = await bodyOf(request);
    const key = String(request.headers["idempotency-key"]);
    const { requests: items } = batchSchema.parse(body);
    const arrival: Arrival = { attempt: arrivals.length + 1, collection, key, size: items.length };
    arrivals.push(arrival);
    const fault = faults.batch?.(arrival);
    if (typeof fault === "object") {
      const headers = fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) };
      send(response, fault.status, { title: "not now" }, headers);
      return;
    }
    if (fault === "no answer") return;
    if (fault === "cut before") {
      response.destroy();
      return;
    }
    const earlier = answers.get(key);
    const asked = JSON.stringify(body);
    if (earlier && earlier.request !== asked) {
      send(response, 422, { title: "KEY_REUSED" });
      return;
    }
    const type = types[collection] ?? "";
    const results = items.map((item) => {
      const externalKey = item[type]?.externalKey ?? "";
      const refusal = faults.item?.(externalKey, arrival);
      if (refusal) return { status: { code: refusal.code, message: "no", details: [{ reason: refusal.reason }] } };
      const known = ids.get(externalKey);
      if (known !== undefined) {
        const details = [{ reason: `${type.toUpperCase()}_EXISTS`, metadata: { [`${type}Id`]: known } }];
        return { status: { code: 6, message: "exists", details } };
      }
      const id = `${type}_${made.length}`;
      ids.set(externalKey, id);
      made.push({ externalKey, id });
      return { [type]: { id, externalKey } };
    });
    const reply = earlier?.reply ?? { results };
    if (results.every((result) => !("status" in result))) answers.set(key, { request: asked, reply });
    if (fault === "cut after") response.destroy();
    else send(response, 200, reply);
  };

  const server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    requests.push({ method, url, authorization: request.headers.authorization ?? "" });
    const { pathname, searchParams } = new URL(url, "http://tenant");
    const [, collection = ""] = /^\/v1\/(\w+):(?:batchCreate|import)$/.exec(pathname) ?? [];
    if (method === "POST" && collection !== "") {
      batch(request, response, collection).catch((error: unknown) => send(response, 500, { title: String(error) }));
      return;
    }
    const [, wanted = ""] = /^externalKey = (".*")$/.exec(searchParams.get("filter") ?? "") ?? [];
    const id = wanted === "" ? undefined : ids.get(JSON.parse(wanted) as string);
    send(response, 200, id === undefined ? {} : { opportunities: [{ id }] });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, arrivals, made, requests };
};
