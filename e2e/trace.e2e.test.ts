import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type CollectedSpan, startCollector } from "@keynode/telemetry/testing";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf, eventually, filter } from "./api.ts";
import type { Account, Opportunity, Page } from "./records.ts";
import { type Stack, startStack } from "./stack.ts";
import { agreeAll, convertedLead, draftContract, sign } from "./steps.ts";

/** OTLP's numbers of span kinds. */
const kind = { server: 2, client: 3, producer: 4, consumer: 5 } as const;

const closing: (() => Promise<void>)[] = [];
let collector: Awaited<ReturnType<typeof startCollector>>;
let stack: Stack;
let client: Api;

/** Of the one person whom the journey is about; nothing else in the installation looks like it. */
const person = { name: "王芳", phone: "+8613800138000", email: "zq.canary@acme.example" };
const traces = /@|王芳|Chen|138001|Acme|canary/;

beforeAll(async () => {
  collector = await startCollector();
  closing.push(collector.close);
  stack = await startStack(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
    { logLevel: "debug" },
  );
  closing.push(stack.stop);
  client = apiOf(stack.access);
  // All answer by now, some for the first time: on a busy machine a first call may outlast its deadline.
  await eventually(
    () => client.get<object>("/v1/me"),
    (me) => expect(me).toHaveProperty("tenant"),
  );
});

afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

/** `<service>: <span>` of every span above one, from the outermost. */
const wayTo = (span: CollectedSpan, trace: readonly CollectedSpan[]): string[] => {
  const parent = trace.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(parent === undefined ? [] : wayTo(parent, trace)), `${span.service}: ${span.name}`];
};

test("one trace leads from the request that signs, through gateway and services, to each effect in another service", async () => {
  const { accountId, opportunityId } = await convertedLead(client, person);
  const cover = { fromDate: { year: 2025, month: 1, day: 1 }, untilDate: { year: 2099, month: 12, day: 31 } };
  const contract = await draftContract(client, { accountId, opportunityId, cover }, ["payment"]);
  await agreeAll(client, contract);
  await sign(client, contract.id);
  await eventually(
    async () => ({
      opportunity: await client.get<Opportunity>(`/v1/opportunities/${opportunityId}`),
      account: await client.get<Account>(`/v1/accounts/${accountId}`),
      tasks: await client.get<Page<"tasks", object>>(
        `/v1/tasks?${filter(`accountId = "${accountId}" AND kind = CARE`)}`,
      ),
    }),
    ({ opportunity, account, tasks }) => {
      expect(opportunity.status).toBe("WON");
      expect(account.purchaseCount).toBe(1);
      expect(tasks.tasks).toHaveLength(1);
    },
  );

  const request = () => {
    const found = collector.spans().filter(({ name }) => name === "POST /v1/contracts/{id}:sign");
    expect(found.map(({ service, kind: of }) => [service, of])).toEqual([["gateway", kind.server]]);
    return found[0]?.traceId;
  };
  const rpc = "crm.contract.v1.ContractService/SignContract";
  const entry = ["gateway: POST /v1/contracts/{id}:sign", `gateway: ${rpc}`, `contract: ${rpc}`];
  const signed = [...entry, "contract: process crm.v1.contract.ContractSigned.{tenant}"];
  const won = [...entry, "opportunity: process crm.v1.contract.ContractSigned.{tenant}"];
  const effects = [
    signed,
    won,
    [...entry, "account: process crm.v1.contract.ContractSigned.{tenant}"],
    [...entry, "service: process crm.v1.contract.ContractSigned.{tenant}"],
    [...signed, "account: process crm.v1.contract.PurchaseRecorded.{tenant}"],
    [...signed, "engagement: process crm.v1.contract.PurchaseRecorded.{tenant}"],
    [...won, "analytics: process crm.v1.opportunity.OpportunityWon.{tenant}"],
  ];
  // Spans come in batches, seconds apart.
  await eventually(
    async () => collector.spans(),
    (spans) => {
      const traceId = request();
      const trace = spans.filter((span) => span.traceId === traceId);
      expect(trace.map((span) => wayTo(span, trace))).toEqual(expect.arrayContaining([entry, ...effects]));
      const calls = trace.filter(({ name }) => name === rpc);
      expect(Object.fromEntries(calls.map(({ service, kind: of }) => [service, of]))).toEqual({
        gateway: kind.client,
        contract: kind.server,
      });
      const handled = trace.filter(({ name }) => name.startsWith("process "));
      expect(new Set(handled.map(({ kind: of }) => of))).toEqual(new Set([kind.consumer]));
      const ids = new Set(trace.map(({ spanId }) => spanId));
      expect(trace.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? "")).map(({ name }) => name)).toEqual([
        "POST /v1/contracts/{id}:sign",
      ]);
      // A publish sends events of many requests and so stands beside their traces, with a link to each.
      const published = spans.filter(({ links }) => links.some((link) => link.traceId === traceId));
      expect(new Set(published.map(({ name, kind: of }) => `${of} ${name}`))).toEqual(
        new Set(
          ["contract", "opportunity", "account", "engagement"].map(
            (service) => `${kind.producer} publish crm.v1.${service}`,
          ),
        ),
      );
    },
  );
});

test("no span tells who somebody is", () => {
  const spans = collector.spans();
  const services = ["account", "analytics", "contract", "engagement", "gateway", "lead", "opportunity", "service"];
  expect([...new Set(spans.map(({ service }) => service))]).toEqual(expect.arrayContaining(services));
  const told = spans.flatMap(({ name, attributes }) => [name, ...Object.values(attributes)]);
  expect(told.filter((text) => traces.test(text))).toEqual([]);
});

test("no log line and no metric does, of requests that fail neither", async () => {
  const { name, phone, email } = person;
  const again = await client.send("POST", "/v1/leads", { body: { name, email, source: "WEBSITE" } });
  expect(again.status).toBe(409);
  const wrong = { name, email, phone: `${phone}99999999`, source: "WEBSITE" };
  expect((await client.send("POST", "/v1/leads", { body: wrong })).status).toBe(400);
  expect((await client.send("GET", `/v1/leads?${filter(`phone = "${phone}" AND nobody = "${email}"`)}`)).status).toBe(
    400,
  );
  expect((await client.send("GET", `/v1/contacts/${encodeURIComponent(email)}`)).status).toBe(400);
  const signIn = { tenant: stack.access.tenant, email, password: phone };
  expect((await client.send("POST", "/v1/auth:signIn", { body: signIn })).status).toBe(401);

  const folder = path.join(path.dirname(stack.keynode.credentialsFile), "log");
  const lines = () => readdirSync(folder).flatMap((file) => readFileSync(path.join(folder, file), "utf8").split("\n"));
  // The gateway writes its line about a request after the answer.
  await eventually(
    async () => lines().filter((line) => line.includes("/v1/auth:signIn")),
    (found) => expect(found.length).toBeGreaterThan(0),
  );
  expect(lines().filter((line) => traces.test(line))).toEqual([]);
  const told = () =>
    collector.series().flatMap(({ name: metric, attributes }) => [metric, ...Object.values(attributes)]);
  // Metrics are exported from time to time.
  await eventually(
    async () => told(),
    (found) => expect(found.length).toBeGreaterThan(0),
  );
  expect(told().filter((text) => traces.test(text))).toEqual([]);
});

test("no subject and no header on the bus does", async () => {
  const { natsUrl, busPasswords } = stack.access.below;
  const nats = await connect({ servers: natsUrl, user: "account", pass: busPasswords["account"] ?? "" });
  try {
    const manager = await jetstreamManager(nats);
    const told: string[] = [];
    for (const stream of ["CRM_LEAD", "CRM_ACCOUNT", "CRM_OPPORTUNITY", "CRM_CONTRACT", "CRM_ENGAGEMENT"]) {
      const { messages: count } = (await manager.streams.info(stream)).state;
      expect(count, stream).toBeGreaterThan(0);
      const consumer = await jetstream(nats).consumers.get(stream);
      const messages = await consumer.fetch({ max_messages: count, expires: 10_000 });
      for await (const { subject, headers } of messages) {
        told.push(subject, ...[...(headers ?? [])].flatMap(([name, values]) => [name, ...values]));
      }
    }
    expect(told).toContain(`crm.v1.lead.LeadCaptured.${tenantOf(told)}`);
    expect(told.filter((text) => traces.test(text))).toEqual([]);
  } finally {
    await nats.close();
  }
});

/** The installation's tenant, as subjects end with it. */
const tenantOf = (told: readonly string[]): string => told.find((text) => text.startsWith("tenant_")) ?? "";
