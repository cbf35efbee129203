import { describe, expect, it } from "vitest";
import { type Change, createConfirmations, LIFETIME_MS } from "../../src/mcp/confirmation.ts";

const CALLER = { tenant: "tenant_1", actor: "user_1" };
const START_MS = Date.parse("2026-11-23T08:00:00Z");

const setUp = () => {
  let nowMs = START_MS;
  const confirmations = createConfirmations("a secret", () => nowMs);
  const change: Change = {
    tool: "qualify_lead",
    message: Buffer.from([1, 2, 3]),
    etag: "7",
    idempotencyKey: confirmations.newKey(),
  };
  return { confirmations, change, ...confirmations.seal(change, CALLER), wait: (ms: number) => void (nowMs += ms) };
};

describe("a confirmation", () => {
  it("opens as what was sealed, for its caller, at any gateway with the same secret", () => {
    const { change, token, expireTime } = setUp();
    expect(createConfirmations("a secret", () => START_MS).open(token, CALLER)).toEqual(change);
    expect(expireTime.getTime()).toBe(START_MS + LIFETIME_MS);
  });

  it("opens for nobody else, and by no other secret", () => {
    const { confirmations, token } = setUp();
    expect(confirmations.open(token, { ...CALLER, actor: "user_2" })).toBe("invalid");
    expect(confirmations.open(token, { ...CALLER, tenant: "tenant_2" })).toBe("invalid");
    expect(createConfirmations("another secret").open(token, CALLER)).toBe("invalid");
  });

  it("opens until it expires", () => {
    const { confirmations, token, wait } = setUp();
    wait(LIFETIME_MS - 1);
    expect(confirmations.open(token, CALLER)).toMatchObject({ etag: "7" });
    wait(1);
    expect(confirmations.open(token, CALLER)).toBe("expired");
  });

  it("does not open when any part of it was altered", () => {
    const { confirmations, token } = setUp();
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      expect(confirmations.open(token.slice(0, at) + other + token.slice(at + 1), CALLER), `at ${at}`).toBe("invalid");
    }
    for (const text of ["", "x", token.slice(4), `${token}AAAA`, `${token}=`, `${token} `, "a".repeat(100_000)]) {
      expect(confirmations.open(text, CALLER)).toBe("invalid");
    }
  });

  it("has a key of its own, which says nothing of what is in it", () => {
    const { confirmations, token } = setUp();
    expect(confirmations.newKey()).not.toBe(confirmations.newKey());
    expect(Buffer.from(token, "base64url").toString("latin1")).not.toContain("qualify_lead");
  });
});
