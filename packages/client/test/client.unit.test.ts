import { leads } from "@keynode/client/api/leads";
import { createClient } from "@keynode/client/client";
import { apiKey } from "@keynode/client/credentials";
import { ConnectionError, KeynodeError, TimeoutError } from "@keynode/client/errors";
import { createKeynode } from "@keynode/client/keynode";
import { LeadConverted, LeadExists } from "@keynode/client/problems";
import { describe, expect, it } from "vitest";
import { gateway, json, problem } from "./gateway.ts";

const lead = { id: "lead_1", etag: "3", name: "王芳", createTime: "2026-01-01T00:00:00Z", updateTime: "" };
const now = { baseMs: 0 };

const keynodeOf = (sent: ReturnType<typeof gateway>, options: object = {}) =>
  createKeynode({
    baseUrl: "http://crm.example/",
    credentials: apiKey("secret"),
    fetch: sent.fetch,
    retries: now,
    ...options,
  });

describe("a request", () => {
  it("goes where the contract says, with the caller's token and its body", async () => {
    const calls = gateway(json(lead));
    const created = await keynodeOf(calls, { locale: "zh" }).leads.create({ name: "王芳" });
    expect(created.id).toBe("lead_1");
    const [sent] = calls.sent;
    expect(sent).toMatchObject({ method: "POST", path: "/v1/leads", body: { name: "王芳" } });
    expect(sent?.headers.get("authorization")).toBe("Bearer secret");
    expect(sent?.headers.get("accept-language")).toBe("zh");
  });

  it("puts variables into the path encoded, and the rest of a read into the query", async () => {
    const calls = gateway(json(lead));
    await keynodeOf(calls).leads.get("a/b?c", { readMask: "id,name", requestId: "mine" });
    const [sent] = calls.sent;
    expect(sent?.path).toBe("/v1/leads/a%2Fb%3Fc");
    expect([...(sent?.query ?? [])]).toEqual([["readMask", "id,name"]]);
    expect(sent?.headers.get("x-request-id")).toBe("mine");
  });

  it("to a public method carries no token", async () => {
    const calls = gateway(json({}));
    await keynodeOf(calls).auth.signIn({ tenant: "t", email: "a@example.com", password: "p" });
    expect(calls.sent[0]?.headers.has("authorization")).toBe(false);
  });

  it("tells of every answer by its request id", async () => {
    const answers: object[] = [];
    const calls = gateway(
      problem(503, "OVERLOADED", {}, { "x-request-id": "r-1" }),
      json(lead, { "x-request-id": "r-2" }),
    );
    await keynodeOf(calls, { onAnswer: (answer: object) => answers.push(answer) }).leads.get("lead_1");
    expect(answers).toEqual([
      { method: "GET", path: "/v1/leads/lead_1", status: 503, requestId: "r-1", attempt: 1 },
      { method: "GET", path: "/v1/leads/lead_1", status: 200, requestId: "r-2", attempt: 2 },
    ]);
  });
});

describe("a write", () => {
  it("has a key of its own, the same for each of its attempts", async () => {
    const calls = gateway(new TypeError("fetch failed"), problem(503, "OVERLOADED"), json(lead));
    const { leads: api } = keynodeOf(calls);
    await api.qualify("lead_1");
    await api.qualify("lead_1");
    const keys = calls.sent.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toHaveLength(4);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[3]).not.toBe(keys[0]);
  });

  it("takes the caller's key and etag, and may only be tried", async () => {
    const calls = gateway(json(lead));
    await keynodeOf(calls).leads.update(
      "lead_1",
      { company: null },
      { ifMatch: "3", idempotencyKey: "mine", validateOnly: true },
    );
    const [sent] = calls.sent;
    expect(sent).toMatchObject({ method: "PATCH", body: { company: null } });
    expect(sent?.headers.get("if-match")).toBe('"3"');
    expect(sent?.headers.get("idempotency-key")).toBe("mine");
    expect(sent?.headers.get("keynode-validate-only")).toBe("true");
  });

  it("that hands out a secret is sent once", async () => {
    const calls = gateway(new TypeError("fetch failed"), json({}));
    const failed = keynodeOf(calls).apiKeys.create({ name: "sync", roleIds: [] });
    await expect(failed).rejects.toBeInstanceOf(ConnectionError);
    expect(calls.sent).toHaveLength(1);
  });

  it("is seen by the reads that follow it", async () => {
    const calls = gateway(json(lead, { "keynode-consistency": "lead:lead_1:3" }), json(lead));
    const keynode = keynodeOf(calls);
    expect(keynode.client.consistency()).toBeUndefined();
    await keynode.leads.create({ name: "王芳" });
    await keynode.reports.getFunnelReport();
    await keynode.leads.get("lead_1", { consistency: false });
    expect(keynode.client.consistency()).toBe("lead:lead_1:3");
    const tokens = calls.sent.map(({ headers }) => headers.get("keynode-consistency"));
    expect(tokens).toEqual([null, "lead:lead_1:3", null]);
  });
});

describe("a refusal", () => {
  const refused = async (reply: Response): Promise<unknown> =>
    keynodeOf(gateway(reply))
      .leads.create({ name: "" })
      .catch((error: unknown) => error);

  it("is an error that names the reason, every wrong field and the request", async () => {
    const errors = [{ pointer: "#/name", field: "lead.name", code: "FIELD_REQUIRED", message: "is required" }];
    const error = await refused(problem(400, "INVALID_REQUEST", { errors }));
    expect(error).toBeInstanceOf(KeynodeError);
    expect(error).toMatchObject({ status: 400, reason: "INVALID_REQUEST", fields: errors, requestId: "r-1" });
  });

  it("is told apart by its reason's class, with what belongs to it", async () => {
    const error = await refused(problem(409, "LEAD_CONVERTED", { metadata: { accountId: "account_1" } }));
    expect(error instanceof LeadExists).toBe(false);
    if (!(error instanceof LeadConverted)) throw error;
    const { accountId } = error.metadata;
    expect([error.status, accountId]).toEqual([409, "account_1"]);
  });

  it("by a proxy, which knows no problems, is one as well", async () => {
    const error = await refused(new Response("<html>", { status: 502, headers: { "content-type": "text/html" } }));
    expect(error).toMatchObject({ status: 502, reason: "UNKNOWN" });
  });

  it("is not sent again", async () => {
    const calls = gateway(problem(409, "CONFLICT"));
    await expect(keynodeOf(calls).leads.qualify("lead_1")).rejects.toBeInstanceOf(KeynodeError);
    expect(calls.sent).toHaveLength(1);
  });
});

describe("what went wrong on the way", () => {
  it("is tried again a bounded number of times", async () => {
    const calls = gateway(problem(503, "UPSTREAM_UNAVAILABLE"));
    const failed = keynodeOf(calls, { retries: { ...now, retries: 2 } }).leads.get("lead_1");
    await expect(failed).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
    expect(calls.sent).toHaveLength(3);
  });

  it("is told with its cause once that does not help", async () => {
    const cause = new TypeError("fetch failed");
    const failed = keynodeOf(gateway(cause)).leads.get("lead_1");
    await expect(failed).rejects.toMatchObject({ name: "ConnectionError", attempts: 4, cause });
  });

  it("waits as long as the API asks, and not at all when that is too long", async () => {
    const reply = (seconds: number) => problem(429, "RATE_LIMITED", {}, { "retry-after": String(seconds) });
    const calls = gateway(reply(1), json(lead));
    const startMs = performance.now();
    await keynodeOf(calls).leads.get("lead_1");
    expect(performance.now() - startMs).toBeGreaterThan(990);
    const hopeless = gateway(reply(3_600));
    await expect(keynodeOf(hopeless).leads.get("lead_1")).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
    expect(hopeless.sent).toHaveLength(1);
  });

  it("ends with the call's time, and at once when the caller gives up", async () => {
    const silent = gateway(
      (_sent, signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const { leads: api } = keynodeOf(silent);
    await expect(api.get("lead_1", { timeoutMs: 20 })).rejects.toBeInstanceOf(TimeoutError);
    const reason = new Error("enough");
    const controller = new AbortController();
    const given = api.get("lead_1", { signal: controller.signal });
    controller.abort(reason);
    await expect(given).rejects.toBe(reason);
    await expect(api.get("lead_1", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("is no reason to wait beyond the call's time", async () => {
    const calls = gateway(problem(503, "OVERLOADED", {}, { "retry-after": "5" }));
    await expect(keynodeOf(calls).leads.get("lead_1", { timeoutMs: 1_000 })).rejects.toMatchObject({ status: 503 });
    expect(calls.sent).toHaveLength(1);
  });
});

describe("a credential that was refused", () => {
  const refusal = problem(401, "UNAUTHENTICATED");
  const renewable = (renews: boolean) => {
    let token = "old";
    return {
      token: () => token,
      renew: async (refused: string) => {
        if (!renews || refused !== "old") return false;
        token = "new";
        return true;
      },
    };
  };

  it("is renewed once, and the request sent again", async () => {
    const calls = gateway(refusal, json(lead));
    await keynodeOf(calls, { credentials: renewable(true) }).leads.qualify("lead_1");
    expect(calls.sent.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer old", "Bearer new"]);
    const never = gateway(refusal);
    await expect(keynodeOf(never, { credentials: renewable(true) }).leads.qualify("l")).rejects.toMatchObject({
      status: 401,
    });
    expect(never.sent).toHaveLength(2);
  });

  it("and cannot be renewed ends the call", async () => {
    const calls = gateway(refusal);
    await expect(keynodeOf(calls, { credentials: renewable(false) }).leads.get("l")).rejects.toMatchObject({
      status: 401,
    });
    expect(calls.sent).toHaveLength(1);
  });
});

describe("a list", () => {
  const first = json({ leads: [{ id: "1" }, { id: "2" }], nextPageToken: "more" });
  const second = json({ leads: [{ id: "3" }] });

  it("is iterated over all its pages, each fetched when it is needed", async () => {
    const calls = gateway(first, second);
    const ids: string[] = [];
    for await (const { id } of keynodeOf(calls).leads.list({ filter: 'name = "王 芳"', pageSize: 2 })) {
      ids.push(id);
      if (id === "2") expect(calls.sent).toHaveLength(1);
    }
    expect(ids).toEqual(["1", "2", "3"]);
    expect(calls.sent.map(({ query }) => Object.fromEntries(query))).toEqual([
      { filter: 'name = "王 芳"', pageSize: "2" },
      { filter: 'name = "王 芳"', pageSize: "2", pageToken: "more" },
    ]);
  });

  it("that is left early fetches no more", async () => {
    const calls = gateway(first, second);
    for await (const { id } of keynodeOf(calls).leads.list()) if (id === "1") break;
    expect(calls.sent).toHaveLength(1);
  });

  it("is read page by page, and on from a page's token", async () => {
    const calls = gateway(first, second);
    const { leads: api } = keynodeOf(calls);
    const { nextPageToken = "" } = await api.list().page();
    const rest = await Array.fromAsync(api.list({ pageToken: nextPageToken }).pages());
    expect(rest).toEqual([{ leads: [{ id: "3" }] }]);
    expect(calls.sent[1]?.query.get("pageToken")).toBe("more");
  });
});

describe("a stream", () => {
  const body = (...chunks: string[]) =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(chunk));
      },
    });
  const clientOf = (calls: ReturnType<typeof gateway>) =>
    createClient({ baseUrl: "http://crm.example", fetch: calls.fetch });
  const operation = { verb: "GET", path: "/v1/things:watch" };

  it("gives each message as it is complete, wherever the body was cut", async () => {
    const calls = gateway(new Response(body('{"n":1}\n{"n"', ':2}\n{"n":"', "王", '"}')));
    expect(await Array.fromAsync(clientOf(calls).stream(operation))).toEqual([{ n: 1 }, { n: 2 }, { n: "王" }]);
  });

  it("that breaks throws why, after what came before", async () => {
    const failure = {
      error: { type: "", title: "", status: 503, detail: "bye", code: "SHUTTING_DOWN", requestId: "r" },
    };
    const calls = gateway(new Response(body('{"n":1}\n', `${JSON.stringify(failure)}\n`)));
    const seen: unknown[] = [];
    const read = async () => {
      for await (const message of clientOf(calls).stream(operation)) seen.push(message);
    };
    await expect(read()).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
    expect(seen).toEqual([{ n: 1 }]);
  });

  it("that is left early hangs up", async () => {
    let hungUp: AbortSignal | undefined;
    const calls = gateway((_sent, signal) => {
      hungUp = signal;
      return new Response(body('{"n":1}\n', '{"n":2}\n'));
    });
    for await (const _message of clientOf(calls).stream(operation)) break;
    expect(hungUp?.aborted).toBe(true);
  });
});

it("one namespace alone works with a client of its own", async () => {
  const calls = gateway(json(lead));
  const client = createClient({ baseUrl: "http://crm.example", fetch: calls.fetch });
  expect((await leads(client).get("lead_1")).name).toBe("王芳");
});
