import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSealing } from "../src/credential/sealing.ts";

const [older, newer] = [randomBytes(32), randomBytes(32)];
const secret = "s3cret 密钥";

describe("a sealed secret", () => {
  it("opens to what it was, for what it belongs to", () => {
    const sealing = createSealing([newer]);
    const sealed = sealing.seal(secret, "tenant_1");
    expect(sealed).not.toContain(secret);
    expect(sealing.open(sealed, "tenant_1")).toBe(secret);
    expect(() => sealing.open(sealed, "tenant_2")).toThrow();
  });
  it("is another text each time", () => {
    const sealing = createSealing([newer]);
    expect(sealing.seal(secret, "t")).not.toBe(sealing.seal(secret, "t"));
  });
  it("opens while its key is kept behind a newer one, and not without it", () => {
    const sealed = createSealing([older]).seal(secret, "t");
    expect(createSealing([newer, older]).open(sealed, "t")).toBe(secret);
    expect(() => createSealing([newer]).open(sealed, "t")).toThrow(/no key/);
  });
  it("that was changed by a single character does not open", () => {
    const sealing = createSealing([newer]);
    const sealed = sealing.seal(secret, "t");
    for (const at of [sealed.indexOf(".") + 2, sealed.lastIndexOf(".") + 2, sealed.length - 3]) {
      const other = sealed[at] === "A" ? "B" : "A";
      expect(() => sealing.open(`${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`, "t")).toThrow();
    }
  });
});
