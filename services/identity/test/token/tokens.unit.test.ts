import { newId } from "@keynode/aggregate/type-id";
import { describe, expect, it } from "vitest";
import { newRefreshToken, nextRefreshToken, readRefreshToken } from "../../src/token/refresh-token.ts";
import { openServerSecret } from "../../src/token/server-secret.ts";

const [first, second] = [Buffer.alloc(32, "a"), Buffer.alloc(32, "b")];
const secret = openServerSecret([first]);

describe("a server secret", () => {
  it("seals what it opens, and opens what it sealed before another key took its key's place", () => {
    const sealed = secret.seal("private", "key 1");
    expect(openServerSecret([second, first]).open(sealed, "key 1")).toBe("private");
    expect(() => openServerSecret([second]).open(sealed, "key 1")).toThrow("no key");
  });
  it("makes of the same words the same, of others or by another secret something else", () => {
    expect(secret.mac("p", "a", "b")).toBe(secret.mac("p", "a", "b"));
    const others = [
      secret.mac("q", "a", "b"),
      secret.mac("p", "ab", ""),
      openServerSecret([second]).mac("p", "a", "b"),
    ];
    expect(new Set([secret.mac("p", "a", "b"), ...others]).size).toBe(4);
  });
});

describe("a refresh token", () => {
  const token = newRefreshToken(newId("session"));
  it("names its session and is known by two digests", () => {
    expect(token.text).toMatch(/^knr_[0-9a-z]{26}_[\w-]{22}_[\w-]{43}$/);
    expect(readRefreshToken(token.text)).toEqual(token);
  });
  it("is followed by one of the same family, always the same, and by no other", () => {
    const next = nextRefreshToken(token, secret);
    expect(next).toEqual(nextRefreshToken(token, secret));
    expect(readRefreshToken(next.text)).toEqual(next);
    expect(next.familyDigest).toBe(token.familyDigest);
    const all = [token, next, nextRefreshToken(next, secret), nextRefreshToken(token, openServerSecret([second]))];
    expect(new Set(all.map(({ tokenDigest }) => tokenDigest)).size).toBe(4);
  });
  it.each(["", "knr_", `knr_${"0".repeat(26)}_${"a".repeat(22)}`, `kn_${"a".repeat(60)}`, `${token.text}x`])(
    "is no other text: %s",
    (text) => {
      expect(readRefreshToken(text)).toBeUndefined();
    },
  );
});
