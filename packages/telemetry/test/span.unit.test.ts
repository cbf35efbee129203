import { setTimeout as later } from "node:timers/promises";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { logger } from "../src/logger.ts";
import { currentTraceparent, withSpan } from "../src/span.ts";
import { startTelemetry, type Telemetry } from "../src/start-telemetry.ts";
import { recordSpans } from "../src/testing.ts";
import { parseTraceparent } from "../src/traceparent.ts";

const remote = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("with nowhere to export to", () => {
  let telemetry: Telemetry;
  beforeAll(async () => {
    telemetry = await startTelemetry({ serviceName: "quiet", log: logger({ name: "quiet", level: "silent" }) });
  });
  afterAll(() => telemetry.shutdown());

  test("outside a span there is no trace context", () => {
    expect(currentTraceparent()).toBeUndefined();
  });

  test("a trace begun here has real ids that last through what is awaited", async () => {
    await withSpan({ name: "outer" }, async (span) => {
      const begun = currentTraceparent();
      expect(parseTraceparent(begun ?? "")).toMatchObject({ traceId: span.spanContext().traceId, traceFlags: 0 });
      await later(1);
      expect(currentTraceparent()).toBe(begun);
      await withSpan({ name: "inner" }, async () => expect(currentTraceparent()).toBe(begun));
    });
    expect(currentTraceparent()).toBeUndefined();
  });

  test("two traces have different ids", () => {
    const ids = Array.from({ length: 500 }, () => withSpan({ name: "one" }, () => currentTraceparent()));
    expect(new Set(ids).size).toBe(500);
  });

  test("a remote parent is passed on as it came, with its sampling", () => {
    expect(withSpan({ name: "hop", parent: remote }, () => currentTraceparent())).toBe(remote);
  });

  test("a root span leaves the active trace", () => {
    withSpan({ name: "outer", parent: remote }, () => {
      const inner = withSpan({ name: "own", root: true }, () => currentTraceparent());
      expect(inner?.slice(3, 35)).not.toBe(remote.slice(3, 35));
      expect(currentTraceparent()).toBe(remote);
    });
  });
});

describe("recording", () => {
  let recording: Awaited<ReturnType<typeof recordSpans>>;
  beforeAll(async () => {
    recording = await recordSpans();
  });
  afterEach(() => recording.reset());
  afterAll(() => recording.shutdown());

  const only = () => {
    const [span, ...more] = recording.spans();
    expect(more).toEqual([]);
    if (!span) throw new Error("no span was recorded");
    return span;
  };

  test("a span hangs under its remote parent and carries kind, attributes and links", () => {
    withSpan(
      {
        name: "work",
        kind: "consumer",
        attributes: { "crm.event": "LeadCaptured" },
        parent: remote,
        links: [remote, undefined, "x"],
      },
      () => undefined,
    );
    const span = only();
    expect(span.kind).toBe(SpanKind.CONSUMER);
    expect(span.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    expect(span.attributes).toEqual({ "crm.event": "LeadCaptured" });
    expect(span.links.map((link) => link.context.traceId)).toEqual(["0af7651916cd43dd8448eb211c80319c"]);
  });

  test("a span ends with the promise it ran, not before", async () => {
    let inside = -1;
    await withSpan({ name: "work" }, async () => {
      await later(1);
      inside = recording.spans().length;
    });
    expect(inside).toBe(0);
    expect(only().status.code).toBe(SpanStatusCode.UNSET);
  });

  test("a child hangs under the active span", async () => {
    await withSpan({ name: "outer" }, async () => {
      await later(1);
      withSpan({ name: "inner" }, () => undefined);
    });
    const [inner, outer] = recording.spans();
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  });

  test.each([
    [
      "thrown",
      () => {
        throw new TypeError("lin@example.com is not welcome");
      },
    ],
    ["rejected", () => Promise.reject(new TypeError("lin@example.com is not welcome"))],
  ])("an error %s marks the span by its kind and never by its message", async (_, fail) => {
    await expect((async () => withSpan({ name: "work" }, fail))()).rejects.toThrow("not welcome");
    const span = only();
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.attributes).toEqual({ "error.type": "TypeError" });
    expect(span.events).toEqual([]);
  });

  test("an unsampled remote parent is not recorded", () => {
    withSpan({ name: "work", parent: remote.replace(/01$/, "00") }, () => undefined);
    expect(recording.spans()).toEqual([]);
  });

  test("services in one process share the first one's telemetry until the last stops", async () => {
    const second = await startTelemetry({ serviceName: "second", log: logger({ name: "second", level: "silent" }) });
    await second.shutdown();
    await second.shutdown();
    withSpan({ name: "still recorded" }, () => undefined);
    expect(only().name).toBe("still recorded");
  });
});
