import { type CollectedSpan, startCollector } from "@keynode/telemetry/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf, eventually, filter } from "./api.ts";
import type { Account, Opportunity, Page } from "./records.ts";
import { startStack } from "./stack.ts";
import { agreeAll, convertedLead, draftContract, sign } from "./steps.ts";

/** OTLP's numbers of span kinds. */
const kind = { server: 2, client: 3, producer: 4, consumer: 5 } as const;

const closing: (() => Promise<void>)[] = [];
let collector: Awaited<ReturnType<typeof startCollector>>;
let client: Api;

beforeAll(async () => {
  collector = await startCollector();
  closing.push(collector.close);
  const { access, stop } = await startStack({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  });
  closing.push(stop);
  client = apiOf(access);
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
  const { accountId, opportunityId } = await convertedLead(client, { name: "王芳", phone: "+8613800138000" });
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
  expect(told.filter((text) => /@|王芳|Chen|138001|Acme/.test(text))).toEqual([]);
});
