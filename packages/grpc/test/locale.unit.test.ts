import fc from "fast-check";
import { expect, test } from "vitest";
import { localeOf } from "../src/locale.ts";

test.each([
  [undefined, "en"],
  ["", "en"],
  ["zh", "zh"],
  ["zh-Hans-CN", "zh"],
  ["ZH-cn", "zh"],
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
  ["en-GB,en;q=0.9,zh;q=0.8", "en"],
  ["en;q=0.5, zh;q=0.9", "zh"],
  ["fr, zh;q=0.1", "zh"],
  ["fr-FR,de;q=0.9", "en"],
  ["zh;q=0", "en"],
  ["zh;q=nonsense", "en"],
  ["zha", "en"],
])("%s reads as %s", (header, locale) => {
  expect(localeOf(header)).toBe(locale);
});

test("any header has a locale, the same each time", () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      expect(["en", "zh"]).toContain(localeOf(header));
      expect(localeOf(header)).toBe(localeOf(header));
    }),
  );
});
