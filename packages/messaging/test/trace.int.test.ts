import { recordSpans } from "@keynode/telemetry/testing";
import { SpanKind } from "@opentelemetry/api";
import { currentTraceparent } from "@keynode/telemetry/span";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSubscription } from "../src/consumer.ts";
import { entry, openService, type TestService } from "./support.ts";

let service: TestService;
let recorded: Awaited<ReturnType<typeof recordSpans>>;

beforeAll(async () => {
  recorded = await recordSpans();
  service = await openService();
});
afterAll(async () => {
  await service.close();
  await recorded.shutdown();
});

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

test("the handler runs in a consumer span of the request's trace, publishing links to it, and neither names a person", async () => {
  const relay = await service.relay();
  let inside: string | undefined;
  const subscription = startSubscription({
    ...(await service.subscribing(service)),
    name: "traced",
    from: { [service.context]: "*" },
    handle: async () => {
      inside = currentTraceparent();
    },
  });
  const event = entry(1, { traceparent: `00-${traceId}-${spanId}-01` });
  await service.insert("lead_traced", [event]);
  await relay.drained();
  await subscription.caughtUp();
  await subscription.stop();
  await relay.stop();

  const spans = recorded.spans();
  const consumer = spans.find(({ kind }) => kind === SpanKind.CONSUMER);
  expect(consumer?.spanContext().traceId).toBe(traceId);
  expect(consumer?.parentSpanContext?.spanId).toBe(spanId);
  expect(consumer?.attributes).toMatchObject({
    "messaging.system": "nats",
    "messaging.operation.type": "process",
    "messaging.message.id": event.id,
    "messaging.consumer.group.name": `${service.context}_traced`,
    "messaging.destination.template": `crm.v1.${service.context}.LeadCaptured.{tenant}`,
  });
  expect(inside).toContain(consumer?.spanContext().spanId);
  const producer = spans.find(({ kind }) => kind === SpanKind.PRODUCER);
  expect(producer?.links.map(({ context }) => context)).toMatchObject([{ traceId, spanId }]);
});
