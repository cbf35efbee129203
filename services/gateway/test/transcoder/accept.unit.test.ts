import { expect, it } from "vitest";
import { preferredType } from "../../src/transcoder/accept.ts";

const OFFERED = ["application/x-ndjson", "text/event-stream"] as const;

it.each([
  [undefined, "application/x-ndjson"],
  ["", "application/x-ndjson"],
  ["*/*", "application/x-ndjson"],
  ["text/*", "text/event-stream"],
  ["Text/Event-Stream", "text/event-stream"],
  ["text/event-stream; charset=utf-8", "text/event-stream"],
  ["text/event-stream, application/x-ndjson", "application/x-ndjson"],
  ["text/event-stream, application/x-ndjson;q=0.9", "text/event-stream"],
  ["application/x-ndjson;q=0.2, */*;q=0.3", "text/event-stream"],
  ["text/event-stream;q=0, */*", "application/x-ndjson"],
  ["application/x-ndjson;q=0, text/*;q=0.001", "text/event-stream"],
  ["text/html", undefined],
  ["*/*;q=0", undefined],
  ["application/x-ndjson;q=x", undefined],
  [",;,=", undefined],
])("%s gets %s", (accept, type) => {
  expect(preferredType(accept, OFFERED)).toBe(type);
});

it("thousands of ranges cost no more than a few", () => {
  expect(preferredType(`${"text/html,".repeat(5_000)}*/*`, OFFERED)).toBeUndefined();
});
