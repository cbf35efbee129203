import { recordSpans } from "@keynode/telemetry/testing";
import { beforeAll, expect, it } from "vitest";
import { startTestGateway } from "./fixtures/test-gateway.ts";

let recorded: Awaited<ReturnType<typeof recordSpans>>;
beforeAll(async () => {
  recorded = await recordSpans();
  return recorded.shutdown;
});

it("a request is a server span under the client's trace, each call a client span under it, and the call carries its trace", async () => {
  const { sendJson, received } = await startTestGateway({ handler: () => ({ json: { id: "t1" } }) });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await sendJson(
    "POST",
    "/v1/things/t1:rename?",
    { name: "someone@example.com" },
    {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
  );
  await expect.poll(() => recorded.spans().length).toBe(2);
  const [call, server] = recorded.spans();
  expect(server).toMatchObject({
    name: "POST /v1/things/{id}:rename",
    kind: 1,
    attributes: {
      "http.request.method": "POST",
      "http.route": "/v1/things/{id}:rename",
      "http.response.status_code": 200,
    },
  });
  expect(call).toMatchObject({
    name: "crm.fixture.v1.ThingService/RenameThing",
    kind: 2,
    attributes: { "rpc.system.name": "grpc", "rpc.method": "crm.fixture.v1.ThingService/RenameThing" },
  });
  const spanOf = (span: typeof call) => span?.spanContext();
  expect(spanOf(server)?.traceId).toBe(traceId);
  expect(call?.parentSpanContext?.spanId).toBe(spanOf(server)?.spanId);
  expect(received[0]?.metadata.get("traceparent")).toEqual([`00-${traceId}-${spanOf(call)?.spanId}-01`]);
  expect(JSON.stringify(recorded.spans().map(({ name, attributes }) => [name, attributes]))).not.toContain("@");
});
