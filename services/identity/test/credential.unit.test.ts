import { describe, expect, it } from "vitest";
import { apiKeyIdOf, digestOf, matches, newApiKey, prefixOf, readApiKey } from "../src/credential/credential.ts";
import { hashPassword, isPassword } from "../src/credential/password.ts";

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

describe("a digest", () => {
  it("matches itself and nothing else", () => {
    expect(matches(digestOf("a"), digestOf("a"))).toBe(true);
    expect(matches(digestOf("a"), digestOf("b"))).toBe(false);
    expect(matches(undefined, digestOf("a"))).toBe(false);
    expect(matches("", digestOf("a"))).toBe(false);
  });
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
  it("of nobody is refused after as long as somebody's", async () => {
    const hash = await hashPassword("correct horse");
    const fastestMs = async (hashed: string | undefined) => {
      const times: number[] = [];
      for (let round = 0; round < 8; round += 1) {
        const startMs = performance.now();
        expect(await isPassword("wrong", hashed)).toBe(false);
        times.push(performance.now() - startMs);
      }
      return Math.min(...times);
    };
    const [nobodysMs, somebodysMs] = [await fastestMs(undefined), await fastestMs(hash)];
    expect(nobodysMs / somebodysMs).toBeGreaterThan(0.5);
    expect(nobodysMs / somebodysMs).toBeLessThan(2);
  });
});
