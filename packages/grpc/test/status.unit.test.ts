import { Metadata, status as codes } from "@grpc/grpc-js";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { ErrorTable } from "@keynode/decider/error-table";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chassisErrors, withChassisErrors } from "../src/chassis-errors.ts";
import { domainErrorOf, readDetails, statusFromTrailers, statusOf, statusTrailers } from "../src/status.ts";

const errors: ErrorTable = withChassisErrors({
  STAGE_SKIPPED: { code: "FAILED_PRECONDITION", message: { en: "From {from} to {to}", zh: "从 {from} 到 {to}" } },
  POOL_FULL: { code: "RESOURCE_EXHAUSTED", message: { en: "Full", zh: "已满" } },
});

const roundTrip = (error: DomainError, locale: "en" | "zh" = "en") => {
  const status = statusOf(error, errors, locale);
  if (!status) throw new Error("the reason is not in the table");
  return statusFromTrailers(statusTrailers(status));
};

describe("a refusal", () => {
  test("has its code, the English message, and the message in the caller's language", () => {
    const status = roundTrip(reject("STAGE_SKIPPED", { from: "1", to: "3" }), "zh");
    expect(status).toMatchObject({ code: codes.FAILED_PRECONDITION, message: "From 1 to 3" });
    expect(readDetails(status).localized).toEqual({ locale: "zh", message: "从 1 到 3" });
  });

  test("about availability or quota names a delay, another none", () => {
    expect(readDetails(roundTrip(reject("OUTBOX_FULL"))).retryDelayMs).toBe(1_000);
    expect(readDetails(roundTrip(reject("POOL_FULL"))).retryDelayMs).toBe(1_000);
    expect(readDetails(roundTrip(reject("POOL_FULL", { retryAfterMs: "2500" }))).retryDelayMs).toBe(2_500);
    expect(readDetails(roundTrip(reject("NOT_FOUND"))).retryDelayMs).toBeUndefined();
  });

  test("about a record names it and its kind", () => {
    const id = "key_node_01jz8m3k5qf7x9v2t4w6y8a0bc";
    expect(readDetails(roundTrip(reject("NOT_FOUND", { id }))).resource).toEqual({ type: "key_node", name: id });
    expect(readDetails(roundTrip(reject("NOT_FOUND"))).resource).toBeUndefined();
  });

  test("describes a field by the table when the violation does not", () => {
    const violations = [
      { field: "etag", reason: "ETAG_MALFORMED" },
      { field: "a", reason: "OWN", description: "own words" },
      { field: "b", reason: "UNKNOWN" },
    ];
    expect(readDetails(roundTrip(reject("INVALID_REQUEST", {}, violations), "zh")).violations).toEqual([
      { field: "etag", reason: "ETAG_MALFORMED", description: "不是该记录的 etag" },
      { field: "a", reason: "OWN", description: "own words" },
      { field: "b", reason: "UNKNOWN", description: "UNKNOWN" },
    ]);
  });

  test("with a reason that the table lacks has no status", () => {
    expect(statusOf(reject("toString"), errors, "en")).toBeUndefined();
  });

  test("of any text survives the wire", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "{", "}", "%", "\0", "\n", "é", "中", "😀"), maxLength: 12 });
    const violation = fc.record({ field: text, reason: text, description: text });
    const refusal = fc.record({
      reason: fc.constantFrom(...Object.keys(errors)),
      metadata: fc.dictionary(text, text, { maxKeys: 3 }),
      violations: fc.array(violation, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(refusal, fc.constantFrom("en", "zh"), ({ reason, metadata, violations }, locale) => {
        const error = reject(reason, metadata, violations);
        const status = roundTrip(error, locale);
        expect(status && domainErrorOf(status)).toEqual({ ...error, metadata: { ...metadata } });
      }),
    );
  });

  test("with a lone surrogate in its message can still be sent", () => {
    const status = statusOf(reject("STAGE_SKIPPED", { from: "\ud800", to: "x".repeat(999) }), errors, "en");
    expect(() => encodeURI(status?.message ?? "\ud800")).not.toThrow();
    expect(status?.message.length).toBeLessThan(400);
  });
});

describe("trailers", () => {
  test("without details, or with what is not a status, have none", () => {
    expect(statusFromTrailers(undefined)).toBeUndefined();
    expect(statusFromTrailers(new Metadata())).toBeUndefined();
    const broken = new Metadata();
    broken.set("grpc-status-details-bin", Buffer.from([0xff, 0xff]));
    expect(statusFromTrailers(broken)).toBeUndefined();
    expect(readDetails(undefined)).toMatchObject({ reason: undefined, violations: [] });
  });
});

test("every refusal of the chassis has both languages and no placeholder its callers do not fill", () => {
  const filled: Partial<Record<string, string[]>> = {
    STATE_TOO_LARGE: ["limitBytes"],
    REFERENCE_NOT_FOUND: ["reference"],
    VOCABULARY_VALUE_UNKNOWN: ["vocabulary"],
    VOCABULARY_VALUE_RETIRED: ["vocabulary"],
  };
  for (const [reason, { message }] of Object.entries(chassisErrors)) {
    expect(message.zh, reason).toMatch(/\p{Script=Han}/u);
    expect(message.en, reason).toMatch(/^[\x20-\x7e]+$/);
    const placeholders = [...`${message.en}${message.zh}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(new Set(placeholders), reason).toEqual(new Set(filled[reason]));
  }
});

test("a service may not redefine a reason of the chassis", () => {
  expect(() => withChassisErrors({ NOT_FOUND: chassisErrors.NOT_FOUND })).toThrow("NOT_FOUND");
});
