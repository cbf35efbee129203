import { Client, credentials } from "@grpc/grpc-js";
import { setTimeout as later } from "node:timers/promises";
import { ReadJournalRequest, ReadJournalResponse } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { GetLeadRequest } from "@keynode/contracts/crm/lead/v1/lead_service";
import { HealthService } from "@keynode/contracts/grpc/health/v1/health";
import { describe, expect, onTestFinished, test } from "vitest";
import { grpcClient } from "../src/client.ts";
import { collect, LEAD_ID, lead, refusal, serve } from "./fixture.ts";

const get = GetLeadRequest.fromPartial({ id: LEAD_ID });

const healthOf = (address: string) => {
  const health = grpcClient(HealthService, { address, deadlineMs: 2_000 });
  onTestFinished(() => health.close());
  return health;
};

describe("health", () => {
  test("needs no credential and is what the service last said", async () => {
    const { server, address } = await serve();
    const health = healthOf(address);
    expect(await health.check({ service: "" })).toEqual({ status: "NOT_SERVING" });
    server.setServing(true);
    expect(await health.check({ service: "" })).toEqual({ status: "SERVING" });
    expect(await health.check({ service: "crm.lead.v1.LeadService" })).toEqual({ status: "SERVING" });
    expect(await refusal(health.check({ service: "crm.account.v1.AccountService" }))).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(Object.keys((await health.list({})).statuses).toSorted()).toEqual([
      "",
      "crm.chassis.v1.JournalService",
      "crm.lead.v1.LeadService",
    ]);
  });

  test("is told to those who watch, and a drain ends their watch", async () => {
    const { server, address } = await serve();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { status } of healthOf(address).watch({ service: "" })) seen.push(status);
    })();
    await expect.poll(() => seen).toEqual(["NOT_SERVING"]);
    server.setServing(true);
    await expect.poll(() => seen).toEqual(["NOT_SERVING", "SERVING"]);
    await server.drain(10_000);
    await watching;
    expect(seen).toEqual(["NOT_SERVING", "SERVING", "NOT_SERVING"]);
  });
});

describe("a server that drains", () => {
  test("lets the calls in flight finish", async () => {
    const gate = Promise.withResolvers<void>();
    let entered = false;
    const { server, as } = await serve({
      leads: {
        getLead: async () => {
          entered = true;
          await gate.promise;
          return lead();
        },
      },
    });
    const call = as("seller").leads.getLead(get);
    await expect.poll(() => entered).toBe(true);
    const drained = server.drain(10_000);
    gate.resolve();
    expect(await call).toEqual(lead());
    await drained;
  });

  test("stops its streams at once and says that another instance will answer", async () => {
    let open = false;
    const { server, as } = await serve({
      async *readJournal(_, call) {
        yield ReadJournalResponse.fromPartial({ version: 1 });
        open = true;
        await later(60_000, undefined, { signal: call.signal });
      },
    });
    const read = refusal(collect(as("analytics").journal.readJournal(ReadJournalRequest.fromPartial({}))));
    await expect.poll(() => open).toBe(true);
    await server.drain(10_000);
    expect(await read).toMatchObject({ code: "UNAVAILABLE", details: { reason: "SHUTTING_DOWN" } });
  });

  test("cuts off what has not finished in time", async () => {
    let aborted: AbortSignal | undefined;
    const { server, as } = await serve({
      leads: {
        deleteLead: (_, { signal }) => {
          aborted = signal;
          return new Promise(() => undefined);
        },
      },
    });
    // A write, which its client does not send again elsewhere.
    const call = refusal(as("seller").leads.deleteLead({ id: LEAD_ID, etag: "" }));
    await expect.poll(() => aborted).toBeDefined();
    await server.drain(50);
    expect(await call).toMatchObject({ code: "UNAVAILABLE", details: { reason: "SHUTTING_DOWN" } });
    expect(aborted?.aborted).toBe(true);
  });

  test("does not wait for the streams of others than its own methods", async () => {
    const { server, address } = await serve();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const client = new Client(address, credentials.createInsecure());
    onTestFinished(() => client.close());
    const identity = (bytes: Buffer): Buffer => bytes;
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const open = client.makeBidiStreamRequest(path, identity, identity);
    const answered = new Promise((resolve) => open.on("data", resolve));
    open.on("error", () => end());
    // ServerReflectionRequest.list_services = 7, an empty text.
    open.write(Buffer.from([0x3a, 0x00]));
    await answered;
    await server.drain(50);
    open.cancel();
    await over;
  });

  test("takes no new connections", async () => {
    const { server, as } = await serve({ leads: { getLead: async () => lead() } });
    await server.drain(1_000);
    expect(await refusal(as("seller").leads.getLead(get, { deadline: new Date(Date.now() + 300) }))).toMatchObject({
      name: "RpcError",
    });
  });
});
