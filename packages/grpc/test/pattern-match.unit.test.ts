import { RE2JS } from "@bufbuild/re2";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBounded, patternMatch } from "../src/pattern-match.ts";

const id = "^lead_[0-7][0-9a-hjkmnp-tv-z]{25}$";
const phone = "^\\+?[0-9 ().-]{3,32}$";
const owner = "^(user|apikey)_[0-7][0-9a-hjkmnp-tv-z]{25}$";
const permission = "^(\\*|[a-z][A-Za-z]*\\.(\\*|[a-z][A-Za-z]*))$";

describe("a pattern is left to RE2", () => {
  test.each([
    ["(a+)+$", "no anchor, repeated group"],
    ["^(a+)+$", "a repeated group"],
    ["^(a|aa){2,30}$", "a bounded repeat of a group"],
    ["^a*a*$", "unbounded repeats"],
    ["^a{2,}$", "an open repeat"],
    [permission, "unbounded repeats"],
    ["^.{3}$", "a dot, which differs on line ends"],
    ["^\\w{3}$", "a class with other meanings elsewhere"],
    ["^\\pL{3}$", "a class RegExp does not know"],
    ["^(?i)abc$", "a flag"],
    ["^a{2,3}?$", "a lazy repeat"],
    ["^[\\w]{3}$", "an escape in a class"],
  ])("%s: %s", (pattern) => {
    expect(isBounded(pattern)).toBe(false);
  });
});

test.each([id, phone, owner, "^(en|zh)$", "^[A-Z]{3}$", "^[a-z][a-z0-9_]{0,39}$"])("%s is bounded", (pattern) => {
  expect(isBounded(pattern)).toBe(true);
});

test.each([id, phone, owner, permission])("%s means what it means to RE2", (pattern) => {
  const near = fc.stringMatching(new RegExp(pattern));
  const mutated = fc
    .tuple(
      near,
      fc.nat(40),
      fc.string({ unit: fc.constantFrom("a", "0", "_", "\n", "\u2028", "中", "😀"), maxLength: 2 }),
    )
    .map(([text, at, inserted]) => text.slice(0, at) + inserted + text.slice(at));
  const re2 = RE2JS.compile(pattern);
  fc.assert(
    fc.property(fc.oneof(near, mutated, fc.string()), (text) => {
      expect(patternMatch(pattern, text)).toBe(re2.test(text));
    }),
    { numRuns: 50 },
  );
});
