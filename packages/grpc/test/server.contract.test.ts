import { setTimeout as later } from "node:timers/promises";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { CreateLeadRequest, GetLeadRequest, LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { reject } from "@keynode/decider/domain-error";
import { describe, expect, test, vi } from "vitest";
import type { Call, Written } from "../src/call.ts";
import { implement } from "../src/implement.ts";
import { collect, LEAD_ID, lead, refusal, serve } from "./fixture.ts";

const get = GetLeadRequest.fromPartial({ id: LEAD_ID });
const create = (fields: Parameters<typeof lead>[0] = {}) =>
  CreateLeadRequest.fromPartial({ lead: lead({ id: "", name: "Lin", ...fields }) });
const answering = { getLead: async () => lead({ name: "Lin" }) };

describe("a caller that is let in", () => {
  test("gets the handler's answer", async () => {
    const { as } = await serve({ leads: answering });
    expect(await as("seller").leads.getLead(get)).toEqual(lead({ name: "Lin" }));
  });

  test("is known to the handler with its scope, locale, trace and headers", async () => {
    const calls: Call[] = [];
    const { as } = await serve({
      leads: {
        createLead: async (_, call) => {
          calls.push(call);
          return lead();
        },
      },
    });
    await as("seller").leads.createLead(create(), {
      locale: "zh",
      idempotencyKey: "k-1",
      ifMatch: "3",
      requestId: "r-1",
      consistency: "c-1",
    });
    const [call] = calls;
    expect(call).toMatchObject({
      tenant: "tenant_1",
      actor: "user_1",
      scope: "team",
      visibility: { kind: "team", ownerId: "user_1", teamIds: ["team_1"] },
      method: "crm.lead.v1.LeadService/CreateLead",
      locale: "zh",
      idempotencyKey: "k-1",
      ifMatch: "3",
      requestId: "r-1",
      consistency: "c-1",
    });
    expect(call?.requestHash).toMatch(/^[\da-f]{64}$/);
    expect(call?.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-0[01]$/);
  });

  test("gets one hash for one request and another for another", async () => {
    const hashes: string[] = [];
    const { as } = await serve({
      leads: {
        createLead: async (_, call) => {
          hashes.push(call.requestHash);
          return lead();
        },
      },
    });
    const { leads } = as("seller");
    await leads.createLead(create(), { idempotencyKey: "k" });
    await leads.createLead(create(), { idempotencyKey: "k" });
    await leads.createLead(create({ company: "Acme" }), { idempotencyKey: "k" });
    await leads.createLead(create());
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).not.toBe(hashes[0]);
    expect(hashes[3]).toBe("");
  });

  test("of a READ method has its idempotency key ignored", async () => {
    const keys: (string | undefined)[] = [];
    const { as } = await serve({
      leads: {
        getLead: async (_, call) => {
          keys.push(call.idempotencyKey);
          return lead();
        },
      },
    });
    await as("seller").leads.getLead(get, { idempotencyKey: "k" });
    expect(keys).toEqual([undefined]);
  });
});

describe("a caller is refused", () => {
  const handled = vi.fn(async () => lead());
  const refused = async (token: string | undefined, call: "getLead" | "createLead" = "getLead") => {
    handled.mockClear();
    const { as } = await serve({ leads: { getLead: handled, createLead: handled } });
    const { leads } = as(token);
    const error = await refusal(call === "getLead" ? leads.getLead(get) : leads.createLead(create()));
    expect(handled).not.toHaveBeenCalled();
    return error;
  };

  test("without a token", async () => {
    expect(await refused(undefined)).toMatchObject({ code: "UNAUTHENTICATED", details: { reason: "UNAUTHENTICATED" } });
  });

  test("with a token that does not verify", async () => {
    expect(await refused("forged")).toMatchObject({ code: "UNAUTHENTICATED", details: { reason: "UNAUTHENTICATED" } });
  });

  test("without the method's permission, which the refusal names", async () => {
    expect(await refused("stranger")).toMatchObject({
      code: "PERMISSION_DENIED",
      details: { reason: "PERMISSION_DENIED", metadata: { permission: "leads.read" } },
    });
  });

  test("as a service across tenants on a method that is not internal", async () => {
    expect(await refused("crossing")).toMatchObject({
      code: "PERMISSION_DENIED",
      details: { reason: "TENANT_MISMATCH" },
    });
  });

  test("as a person on an internal method", async () => {
    const { as } = await serve();
    const rows = as("admin").journal.readJournal({
      tenant: "",
      types: [],
      after: undefined,
      follow: false,
      recordId: "",
      keysOnly: false,
      eventIds: [],
    });
    expect(await refusal(collect(rows))).toMatchObject({ details: { reason: "INTERNAL_METHOD" } });
  });

  test("when its request names another tenant than its own", async () => {
    const { as } = await serve();
    const read = (token: string, tenant: string) =>
      collect(
        as(token).journal.readJournal({
          tenant,
          types: [],
          after: undefined,
          follow: false,
          recordId: "",
          keysOnly: false,
          eventIds: [],
        }),
      );
    expect(await refusal(read("analytics", "tenant_2"))).toMatchObject({ details: { reason: "TENANT_MISMATCH" } });
    expect(await read("analytics", "tenant_1")).toEqual([]);
    expect(await read("crossing", "tenant_2")).toEqual([]);
  });

  test("with an idempotency key that is too long", async () => {
    const { as } = await serve({ leads: { createLead: async () => lead() } });
    const error = await refusal(as("seller").leads.createLead(create(), { idempotencyKey: "k".repeat(256) }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", details: { reason: "INVALID_IDEMPOTENCY_KEY" } });
  });
});

describe("a request that is not valid", () => {
  const bad = create({ name: "x".repeat(201), email: "nobody", needs: ["", "storage"] });

  test("has every wrong field named, with reason and description", async () => {
    const { as } = await serve();
    expect(await refusal(as("seller").leads.createLead(bad))).toMatchObject({
      code: "INVALID_ARGUMENT",
      details: {
        reason: "INVALID_REQUEST",
        violations: [
          { field: "lead.name", reason: "STRING_MAX_LEN", description: "must have at most 200 characters" },
          { field: "lead.email", reason: "STRING_EMAIL", description: "is not an e-mail address" },
          { field: "lead.needs[0]", reason: "STRING_MIN_LEN", description: "must not be empty" },
        ],
      },
    });
  });

  test("is described in Chinese to a Chinese caller", async () => {
    const { as } = await serve();
    expect(await refusal(as("seller").leads.createLead(bad, { locale: "zh" }))).toMatchObject({
      details: {
        localized: { locale: "zh", message: "请求无效，错误的字段均已列出" },
        violations: [
          { field: "lead.name", description: "最多 200 个字符" },
          { field: "lead.email", description: "不是有效的电子邮箱地址" },
          { field: "lead.needs[0]", description: "不能为空" },
        ],
      },
    });
  });

  test("with hundreds of wrong fields names a hundred and counts the rest", async () => {
    const { as } = await serve();
    const needs = Array.from({ length: 50 }, () => "");
    const error = await refusal(
      as("seller").leads.createLead(create({ needs, interests: needs, name: "x".repeat(999) })),
    );
    expect(error).toMatchObject({ details: { metadata: { violationsOmitted: "1" }, violations: { length: 100 } } });
  });

  test("that cannot be decoded is refused as malformed", async () => {
    const { address } = await serve();
    const client = new Client(address, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer seller");
    const error = await refusal(
      new Promise((resolve, fail) => {
        client.makeUnaryRequest(
          LeadServiceService.getLead.path,
          (bytes: Buffer) => bytes,
          (bytes) => bytes,
          Buffer.from([0x0a, 0xff]),
          metadata,
          (problem, response) => (problem ? fail(problem) : resolve(response)),
        );
      }),
    );
    client.close();
    expect(error).toMatchObject({ code: 3, details: "The request cannot be decoded" });
  });

  test("of a batch item refuses the item, not the call", async () => {
    const refusals: Call["itemRefusals"][] = [];
    const { as } = await serve({
      leads: {
        batchCreateLeads: async (_, call) => {
          refusals.push(call.itemRefusals);
          return { results: [] };
        },
      },
    });
    await as("seller").leads.batchCreateLeads({ requests: [create(), bad, create()] });
    expect([...(refusals[0] ?? [])]).toMatchObject([
      [
        1,
        {
          reason: "INVALID_REQUEST",
          violations: [{ field: "lead.name" }, { field: "lead.email" }, { field: "lead.needs[0]" }],
        },
      ],
    ]);
  });

  test("of a batch as a whole refuses the call", async () => {
    const { as } = await serve();
    expect(await refusal(as("seller").leads.batchCreateLeads({ requests: [] }))).toMatchObject({
      details: { violations: [{ field: "requests", reason: "REPEATED_MIN_ITEMS" }] },
    });
  });
});

describe("a handler's", () => {
  test("refusal reaches the caller with its details, in the caller's language", async () => {
    const { as, lines } = await serve({
      leads: { getLead: async () => reject("LEAD_CONVERTED", { id: LEAD_ID, accountId: "account_1" }) },
    });
    expect(await refusal(as("seller").leads.getLead(get, { locale: "zh" }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("The lead was converted to account_1"),
      details: {
        reason: "LEAD_CONVERTED",
        metadata: { accountId: "account_1" },
        localized: { locale: "zh", message: "该线索已转化为 account_1" },
      },
    });
    expect(lines).toEqual([]);
  });

  test("chassis refusal names the resource", async () => {
    const { as } = await serve({ leads: { getLead: async () => reject("NOT_FOUND", { id: LEAD_ID }) } });
    expect(await refusal(as("seller").leads.getLead(get))).toMatchObject({
      code: "NOT_FOUND",
      details: { reason: "NOT_FOUND", resource: { type: "lead", name: LEAD_ID } },
    });
  });

  test("fault is told to nobody and logged once with its trace id", async () => {
    const { as, lines } = await serve({
      leads: {
        getLead: async () => {
          throw new Error("the password is swordfish");
        },
      },
    });
    const error = await refusal(as("seller").leads.getLead(get));
    expect(error).toMatchObject({ code: "INTERNAL", details: { reason: undefined, metadata: {} } });
    expect(String(error)).not.toContain("swordfish");
    expect(lines).toMatchObject([
      {
        level: "error",
        msg: "call failed",
        method: "crm.lead.v1.LeadService/GetLead",
        err: { message: "the password is swordfish" },
        trace_id: expect.stringMatching(/^[\da-f]{32}$/),
      },
    ]);
  });

  test("refusal with a reason that no table knows is a fault", async () => {
    const { as, lines } = await serve({ leads: { getLead: async () => reject("UNHEARD_OF") } });
    expect(await refusal(as("seller").leads.getLead(get))).toMatchObject({ code: "INTERNAL" });
    expect(lines).toMatchObject([{ err: { message: expect.stringContaining("UNHEARD_OF") } }]);
  });
});

describe("time", () => {
  test("a call without a deadline gets the server's, and its signal aborts then", async () => {
    const signals: AbortSignal[] = [];
    const { address } = await serve({
      limits: { defaultDeadlineMs: 50 },
      leads: { getLead: (_, call) => hanging(call, signals) },
    });
    const client = new Client(address, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer seller");
    const error = await refusal(
      new Promise((resolve, fail) => {
        const { path, requestSerialize, responseDeserialize } = LeadServiceService.getLead;
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, get, metadata, (problem, response) =>
          problem ? fail(problem) : resolve(response),
        );
      }),
    );
    client.close();
    expect(error).toMatchObject({ code: 4, details: "The call took longer than its deadline" });
    expect(signals[0]?.aborted).toBe(true);
  });

  test("a call past its client's deadline fails and its signal aborts", async () => {
    const signals: AbortSignal[] = [];
    const { as } = await serve({ deadlineMs: 50, leads: { getLead: (_, call) => hanging(call, signals) } });
    expect(await refusal(as("seller").leads.getLead(get))).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect.poll(() => signals[0]?.aborted).toBe(true);
  });

  test("a call never outlasts the deadline of the call that caused it", async () => {
    const { as } = await serve({ leads: { getLead: (_, call) => hanging(call, []) } });
    const error = await refusal(as("seller").leads.getLead(get, { deadline: new Date(Date.now() + 50) }));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  test("a caller that hangs up aborts the handler, and nothing is logged", async () => {
    const signals: AbortSignal[] = [];
    const { as, lines } = await serve({ leads: { getLead: (_, call) => hanging(call, signals) } });
    const controller = new AbortController();
    const call = refusal(as("seller").leads.getLead(get, { signal: controller.signal }));
    await expect.poll(() => signals.length).toBe(1);
    controller.abort();
    expect(await call).toMatchObject({ code: "CANCELLED" });
    await expect.poll(() => signals[0]?.aborted).toBe(true);
    expect(lines).toEqual([]);
  });
});

/** Waits until the call is aborted, as a driver that was given the signal would. */
const hanging = async (call: Call, signals: AbortSignal[]) => {
  signals.push(call.signal);
  await later(60_000, undefined, { signal: call.signal });
  return lead();
};

describe("bounds", () => {
  test("one call more than the server takes at once is refused with a delay", async () => {
    const gate = Promise.withResolvers<void>();
    let entered = 0;
    const { as } = await serve({
      limits: { maxConcurrentCalls: 1 },
      leads: {
        createLead: async () => {
          entered += 1;
          await gate.promise;
          return lead();
        },
      },
    });
    const { leads } = as("seller");
    const first = leads.createLead(create());
    await expect.poll(() => entered).toBe(1);
    expect(await refusal(leads.createLead(create()))).toMatchObject({
      code: "UNAVAILABLE",
      details: { reason: "OVERLOADED", retryDelayMs: 1_000 },
    });
    gate.resolve();
    await first;
    await leads.createLead(create());
  });

  test("a message larger than allowed is refused", async () => {
    const { as } = await serve({ limits: { maxMessageBytes: 1_000 }, leads: { createLead: async () => lead() } });
    const error = await refusal(as("seller").leads.createLead(create({ company: "x".repeat(2_000) })));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });
});

describe("a server does not start", () => {
  test("with a method that is not in the contract", async () => {
    const definition = { getLead: { ...LeadServiceService.getLead, path: "/crm.lead.v1.LeadService/Nameless" } };
    const implementations = [implement(definition, { getLead: async () => lead() })];
    await expect(serve({ implementations })).rejects.toThrow("crm.lead.v1.LeadService/Nameless is not in the contract");
  });

  test("with an error table that redefines a reason of the chassis", async () => {
    const errors = { NOT_FOUND: { code: "NOT_FOUND", message: { en: "", zh: "" } } } as const;
    await expect(serve({ errors })).rejects.toThrow("NOT_FOUND");
  });
});

describe("a consistency token", () => {
  const consistency = (lagging = false) => {
    const asked: string[] = [];
    return {
      asked,
      tokenOf: (written: readonly Written[]) => written.map(({ id, version }) => `${id}@${version}`).join(","),
      awaitToken: async (token: string) => {
        asked.push(token);
        return lagging ? reject("PROJECTION_LAGGING") : undefined;
      },
    };
  };
  const creating = {
    createLead: async (_: unknown, call: Call) => {
      call.wrote({ id: LEAD_ID, version: 4 });
      return lead();
    },
  };

  test("goes with the answer of a call that wrote, and with no other", async () => {
    const { as } = await serve({ leads: { ...creating, ...answering }, consistency: consistency() });
    const { leads } = as("seller");
    const tokens: string[] = [];
    const onConsistency = (token: string) => void tokens.push(token);
    await leads.getLead(get, { onConsistency });
    await leads.createLead(create(), { onConsistency });
    expect(tokens).toEqual([`${LEAD_ID}@4`]);
  });

  test("is waited for by reads only, after they were let in", async () => {
    const waiting = consistency();
    const { as } = await serve({ leads: { ...creating, ...answering }, consistency: waiting });
    await as("seller").leads.getLead(get, { consistency: "read" });
    await as("seller").leads.createLead(create(), { consistency: "write" });
    await refusal(as(undefined).leads.getLead(get, { consistency: "stranger" }));
    expect(waiting.asked).toEqual(["read"]);
  });

  test("that is not reached refuses the read", async () => {
    const { as } = await serve({ leads: answering, consistency: consistency(true) });
    const error = await refusal(
      as("seller").leads.getLead(get, { consistency: "late", deadline: new Date(Date.now() + 1_000) }),
    );
    expect(error).toMatchObject({ code: "UNAVAILABLE", details: { reason: "PROJECTION_LAGGING" } });
  });
});
