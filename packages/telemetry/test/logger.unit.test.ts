import { diag } from "@opentelemetry/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Logger, logger } from "../src/logger.ts";
import { withSpan } from "../src/span.ts";
import { startTelemetry, type Telemetry } from "../src/start-telemetry.ts";

let lines: Record<string, unknown>[];
let log: Logger;
let telemetry: Telemetry;

beforeEach(async () => {
  lines = [];
  log = logger({ name: "lead", level: "info", destination: { write: (line) => lines.push(JSON.parse(line)) } });
  telemetry = await startTelemetry({ serviceName: "lead", log });
});
afterEach(() => telemetry.shutdown());

test("a line names its service, level and time", () => {
  log.info({ count: 3 }, "started");
  expect(lines).toEqual([{ level: "info", time: expect.any(String), service: "lead", count: 3, msg: "started" }]);
  expect(new Date(String(lines[0]?.["time"])).getTime()).toBeGreaterThan(0);
});

test("a line inside a span carries its ids", () => {
  const ids = withSpan({ name: "work" }, (span) => {
    log.info("inside");
    return span.spanContext();
  });
  expect(lines[0]).toMatchObject({ trace_id: ids.traceId, span_id: ids.spanId });
});

test("personal fields are redacted at each of three levels", () => {
  const person = { email: "lin@example.com", phone: "+86 138 0000 0000", id: "lead_1" };
  log.info({ ...person, lead: person, event: { lead: person } }, "captured");
  expect(JSON.stringify(lines)).not.toMatch(/lin@|138/);
  expect(lines[0]).toMatchObject({ id: "lead_1", event: { lead: { id: "lead_1", email: "[redacted]" } } });
});

test("an error is written without the documents a driver hangs on it and the people its message quotes", () => {
  const cause = Object.assign(new Error('dup key: { email: "lin@example.com", phone: "+86 138-0000-0000" }'), {
    code: 11_000,
    keyValue: { email: "lin@example.com" },
  });
  log.error({ err: new Error("not stored", { cause }) }, "failed");
  expect(JSON.stringify(lines)).not.toMatch(/lin@|0000-0000|keyValue/);
  expect(lines[0]?.["err"]).toMatchObject({ type: "Error", message: "not stored", cause: { code: 11_000 } });
});

test("ids and times in an error's message stay readable", () => {
  log.error(
    { err: new Error("lead_01hzy8a2b3c4d5e6f7g8h9j0k1 at 2026-11-23T10:00:00.000Z took 1234567 ms") },
    "failed",
  );
  expect(lines[0]?.["err"]).toMatchObject({
    message: "lead_01hzy8a2b3c4d5e6f7g8h9j0k1 at 2026-11-23T10:00:00.000Z took 1234567 ms",
  });
});

test("OpenTelemetry's own errors go through the log", () => {
  diag.error("exporter", "refused");
  expect(lines[0]).toMatchObject({ level: "error", msg: "opentelemetry: exporter", details: ["refused"] });
});
