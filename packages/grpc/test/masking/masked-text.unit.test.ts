import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMaskedText, maskedText, type TextMask } from "../../src/masking/masked-text.ts";

describe("a masked telephone number", () => {
  it.each([
    ["+8613812340000", "+86138****0000", "a Chinese mobile number"],
    ["+14155550123", "+141****0123", "a country code of one digit"],
    ["+8860912345678", "+88609****5678", "a country code of three digits"],
    ["+85212345678", "+852****5678", "eight digits show four"],
    ["13812340000", "138****0000", "no country code"],
    ["010-6552 9988", "010****9988", "written with signs between"],
    ["+8610086", "+86****6", "five digits show one"],
    ["+86110", "+86****", "three digits show none"],
  ])("%s → %s: %s", (number, masked) => {
    expect(maskedText("PHONE", number)).toBe(masked);
  });

  it("never tells how many digits it hides, which are four at least", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+86\d{1,15}$/), (number) => {
        const masked = maskedText("PHONE", number);
        expect(masked).toMatch(/^\+86\d{0,3}\*{4}\d{0,4}$/);
        expect(number.length - masked.replaceAll("*", "").length).toBeGreaterThanOrEqual(
          Math.min(4, number.length - 3),
        );
      }),
    );
  });
});

describe("a masked text", () => {
  it.each<[TextMask, string, string]>([
    ["EMAIL", "wang.fang@acme.example", "w***@acme.example"],
    ["EMAIL", '"a@b"@acme.example', '"***@acme.example'],
    ["EMAIL", "no address", "***"],
    ["NAME", "王芳", "王**"],
    ["NAME", "𠮷田", "𠮷**"],
    ["ID_NUMBER", "110101199003071234", "****1234"],
    ["ID_NUMBER", "1234567", "****"],
  ])("%s: %s → %s", (mask, text, masked) => {
    expect(maskedText(mask, text)).toBe(masked);
  });

  it("of nothing is nothing: whether there is a value is no secret", () => {
    expect(maskedText("PHONE", "")).toBe("");
  });

  it("is known as masked, whatever it was made from, and masked again stays so", () => {
    const masks: readonly TextMask[] = ["PHONE", "EMAIL", "NAME", "ID_NUMBER"];
    fc.assert(
      fc.property(fc.constantFrom(...masks), fc.string({ minLength: 1, unit: "grapheme" }), (mask, text) => {
        expect(isMaskedText(mask, maskedText(mask, text))).toBe(true);
        expect(isMaskedText(mask, maskedText(mask, maskedText(mask, text)))).toBe(true);
      }),
    );
  });

  it.each<[TextMask, string]>([
    ["PHONE", "+86 138 (1234) 00-00"],
    ["EMAIL", "w.f+x_y*z@acme.example"],
    ["NAME", "O*Neil"],
    ["ID_NUMBER", "110101199003071234"],
  ])("is none of the values that %s takes: %s", (mask, value) => {
    expect(isMaskedText(mask, value)).toBe(false);
  });

  it("is known also where asterisks are written full-width, or its reader wrote on in it", () => {
    expect(isMaskedText("PHONE", "＋86138＊＊＊＊0000")).toBe(true);
    expect(isMaskedText("EMAIL", "wang***@acme.example")).toBe(true);
  });
});
