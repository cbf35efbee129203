import { expect, it } from "vitest";
import { platformSettings } from "../src/domain/security-settings/security-settings.ts";
import { maskRulesOf } from "../src/mask-rules-of.ts";

it("the platform's settings are what masks do without any rule", () => {
  expect(maskRulesOf(platformSettings.masking)).toEqual({});
});

it("an empty rule keeps nothing of its kind, and leaves the others alone", () => {
  const emailRule = { keepFirst: 0, keepDomain: false };
  expect(maskRulesOf({ ...platformSettings.masking, emailRule })).toEqual({
    EMAIL: { keepFirst: 0, keepLast: 0, keepPlace: false },
  });
});
