import { describe, expect, it, vi } from "vitest";
import { apiKeyIdOf, newApiKey, prefixOf, readApiKey } from "../src/credential/credential.ts";

/** The hashes that passwords were held against. */
const { verified } = vi.hoisted(() => ({ verified: [] as string[] }));
vi.mock("@node-rs/argon2", async (original) => {
  const argon2 = await original<typeof import("@node-rs/argon2")>();
  const verify: typeof argon2.verify = (hashed, ...rest) => {
    verified.push(String(hashed));
    return argon2.verify(hashed, ...rest);
  };
  return { ...argon2, verify };
});
// Unit tests share their modules: another file may have loaded this one with the real thing.
vi.resetModules();
const { hashPassword, isPassword } = await import("../src/credential/password.ts");

describe("an API key", () => {
  it("names its record by its prefix and is known by its digest", () => {
    const { text, digest } = newApiKey();
    expect(text).toMatch(/^kn_[\w-]{12}_[\w-]{43}$/);
    expect(readApiKey(text)).toEqual({ holderId: apiKeyIdOf(prefixOf(text)), digest });
  });
  it("has the same prefix for the same seed and never the same secret", () => {
    const [one, other] = [newApiKey("seed"), newApiKey("seed")];
    expect(prefixOf(one.text)).toBe(prefixOf(other.text));
    expect(one.digest).not.toBe(other.digest);
    expect(prefixOf(newApiKey().text)).not.toBe(prefixOf(newApiKey().text));
  });
});

describe("a text of another form", () => {
  it.each(["", "kn_short", `kx_${"a".repeat(60)}`, "knr_notanid", `kn_${"a".repeat(300)}`, `kn_${"a b".repeat(20)}`])(
    "is no API key: %s",
    (text) => {
      expect(readApiKey(text)).toBeUndefined();
    },
  );
});

describe("a password", () => {
  it("is kept as Argon2id of 19 MiB and two passes, salted", async () => {
    const [one, other] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });
  it("is known by its hash, whichever way its characters are composed", async () => {
    const hash = await hashPassword("café au lait");
    expect(await isPassword("cafe\u0301 au lait", hash)).toBe(true);
    expect(await isPassword("cafe au lait", hash)).toBe(false);
  });
  it("of nobody is refused by the same work as somebody's: one hash of the same cost", async () => {
    const hash = await hashPassword("correct horse");
    const workOf = async (hashed: string | undefined) => {
      verified.length = 0;
      expect(await isPassword("wrong", hashed)).toBe(false);
      return verified.map((phc) => phc.split("$").slice(0, 4).join("$"));
    };
    const work = ["$argon2id$v=19$m=19456,t=2,p=1"];
    expect(await workOf(undefined)).toEqual(work);
    expect(await workOf(hash)).toEqual(work);
  });
});
