import { reject } from "@keynode/decider/domain-error";
import { chassisErrors } from "@keynode/grpc/chassis-errors";
import { readDetails, statusOf } from "@keynode/grpc/status";
import { describe, expect, it } from "vitest";
import { problemPage } from "../src/problem-page.ts";
import { CODE_STATUS, httpReason, httpReasons } from "../src/problem-reasons.ts";
import { problemOf, refusalOfStatus, refuse } from "../src/problem.ts";

const REASONS = [...Object.keys(chassisErrors), ...Object.keys(httpReasons)] as Parameters<typeof refuse>[0][];

describe("reasons", () => {
  it("have one meaning each, and a message and a page in both languages", () => {
    expect(new Set(REASONS).size).toBe(REASONS.length);
    for (const reason of REASONS) {
      for (const locale of ["en", "zh"] as const) {
        expect(httpReason(reason).message[locale].length).toBeGreaterThan(3);
        expect(problemPage(reason, locale)).toContain(reason);
      }
    }
  });

  it("are errors to HTTP, every one", () => {
    for (const reason of REASONS) expect(httpReason(reason).status).toBeGreaterThanOrEqual(400);
    for (const [code, status] of Object.entries(CODE_STATUS)) expect(status >= 400, code).toBe(code !== "OK");
  });
});

describe("a service's refusal", () => {
  const errors = {
    LEAD_EXISTS: { code: "ALREADY_EXISTS", message: { en: "{leadId} has it", zh: "{leadId} 已有" } },
  } as const;
  const refusalOf = (locale: "en" | "zh") => {
    const status = statusOf(reject("LEAD_EXISTS", { leadId: "lead_1" }), errors, locale);
    return refusalOfStatus({ code: "ALREADY_EXISTS", details: readDetails(status) }, locale, (field) => ({ field }));
  };

  it("keeps its reason, its metadata and its message in the client's language", () => {
    expect(refusalOf("en")).toMatchObject({ status: 409, reason: "LEAD_EXISTS", detail: "lead_1 has it" });
    expect(refusalOf("zh")).toMatchObject({ detail: "lead_1 已有", metadata: { leadId: "lead_1" } });
  });

  it("is a problem with all members of RFC 9457, and none that is empty", () => {
    expect(problemOf(refusalOf("en"), "req-1", "/v1/leads")).toEqual({
      type: "/problems/LEAD_EXISTS",
      title: "Conflict",
      status: 409,
      detail: "lead_1 has it",
      instance: "/v1/leads",
      code: "LEAD_EXISTS",
      requestId: "req-1",
      metadata: { leadId: "lead_1" },
    });
  });
});

it("a refusal of the gateway's fills its message", () => {
  const refusal = refuse("BODY_TOO_LARGE", "zh", { metadata: { limitBytes: "5" } });
  expect([refusal.status, refusal.detail]).toEqual([413, "请求体超过 5 字节。"]);
  expect(refuse("UNAUTHENTICATED", "en").headers).toEqual({ "www-authenticate": 'Bearer realm="keynode"' });
});
