import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MaskRule } from "@keynode/auth/mask-rules";
import { isMaskedText, maskedText, platformMaskRules, type TextMask } from "../../src/masking/masked-text.ts";

const masks = Object.keys(platformMaskRules) as TextMask[];
const anyText = fc.string({ minLength: 1, unit: "grapheme" });
/** Also rules that no tenant can make: whatever a token says is bounded where it is used. */
const anyRule: fc.Arbitrary<MaskRule> = fc.record({
  keepFirst: fc.integer({ min: -5, max: 1_000 }),
  keepLast: fc.integer({ min: -5, max: 1_000 }),
  keepPlace: fc.boolean(),
});
const kept = (keepFirst: number, keepLast = 0, keepPlace = false): MaskRule => ({ keepFirst, keepLast, keepPlace });

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
    ["NAME", "王", "**"],
    ["EMAIL", "w@acme.example", "***@acme.example"],
    ["ADDRESS", "南京西路1266号", "****"],
    ["ID_NUMBER", "110101199003071234", "****1234"],
    ["ID_NUMBER", "1234567", "****"],
  ])("%s: %s → %s", (mask, text, masked) => {
    expect(maskedText(mask, text)).toBe(masked);
  });

  it("of nothing is nothing: whether there is a value is no secret", () => {
    expect(maskedText("PHONE", "")).toBe("");
  });

  it("is known as masked, whatever it was made from, and masked again stays so", () => {
    fc.assert(
      fc.property(fc.constantFrom(...masks), anyText, anyRule, (mask, text, rule) => {
        const rules = { [mask]: rule };
        const masked = maskedText(mask, text, rules);
        expect(isMaskedText(mask, masked)).toBe(true);
        expect(isMaskedText(mask, maskedText(mask, masked, rules))).toBe(true);
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

describe("a tenant's rule", () => {
  it.each<[TextMask, MaskRule, string, string]>([
    ["PHONE", kept(3, 4), "+8613812340000", "138****0000"],
    ["PHONE", kept(0, 2, true), "+8613812340000", "+86****00"],
    ["PHONE", kept(0), "+8613812340000", "****"],
    ["EMAIL", kept(3, 0, true), "wang.fang@acme.example", "wan***@acme.example"],
    ["EMAIL", kept(2), "wang.fang@acme.example", "wa***"],
    ["EMAIL", kept(0, 0, true), "wang.fang@acme.example", "***@acme.example"],
    ["EMAIL", kept(0), "wang.fang@acme.example", "***"],
    ["NAME", kept(0), "王芳", "**"],
    ["ID_NUMBER", kept(3, 4), "110101199003071234", "110****1234"],
    ["ADDRESS", kept(4), "南京西路1266号", "南京西路****"],
  ])("%s %j: %s → %s", (mask, rule, text, masked) => {
    expect(maskedText(mask, text, { [mask]: rule })).toBe(masked);
  });

  it.each<[TextMask, MaskRule, string, string, string]>([
    ["PHONE", kept(3, 4), "12345", "****5", "four digits of a telephone number stay hidden"],
    ["PHONE", kept(99, 99), "13812340000", "138****0000", "a rule out of bounds keeps what the bounds let"],
    ["EMAIL", kept(3, 0, true), "li@acme.example", "l***@acme.example", "half of a short address stays hidden"],
    ["ID_NUMBER", kept(3, 4), "12345678", "****5678", "half of a number stays hidden, its end going first"],
    ["ADDRESS", kept(6), "南京路1号", "南京****", "half of a short address stays hidden"],
  ])("%s %j: %s → %s: %s", (mask, rule, text, masked) => {
    expect(maskedText(mask, text, { [mask]: rule })).toBe(masked);
  });

  it("cuts no character in two: neither surrogate pairs, nor letters with accents, nor families", () => {
    const rules = { ADDRESS: kept(3) };
    expect(maskedText("ADDRESS", "𠮷野家一丁目二", rules)).toBe("𠮷野家****");
    expect(maskedText("ADDRESS", "e\u0301tage 4, porte 2", rules)).toBe("e\u0301ta****");
    expect(maskedText("ADDRESS", "👨‍👩‍👧‍👦👩‍🌾🇨🇳abcd", rules)).toBe("👨‍👩‍👧‍👦👩‍🌾🇨🇳****");
  });

  it("never shows a value whole, nor more than half of what people take for its characters", () => {
    const count = (text: string) => [...new Intl.Segmenter().segment(text)].length;
    const secretPart: Readonly<Record<TextMask, (text: string) => string>> = {
      PHONE: (text) => text.replace(/\D/g, ""),
      EMAIL: (text) => (text.includes("@") ? text.slice(0, text.lastIndexOf("@")) : text),
      NAME: (text) => text,
      ID_NUMBER: (text) => text,
      ADDRESS: (text) => text,
    };
    const clear = anyText.filter((text) => !text.includes("*"));
    fc.assert(
      fc.property(fc.constantFrom(...masks), clear, anyRule, (mask, text, rule) => {
        const masked = maskedText(mask, text, { [mask]: rule });
        if (text === "") return;
        expect(masked).not.toBe(text);
        const of = secretPart[mask];
        const shown = count(of(masked).replaceAll("*", ""));
        const most = mask === "PHONE" ? Math.max(0, of(text).length - 4) : count(of(text)) / 2;
        expect(shown).toBeLessThanOrEqual(most);
      }),
    );
  });
});
