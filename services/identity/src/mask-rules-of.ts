import type { MaskRule, MaskRules } from "@keynode/auth/mask-rules";
import { platformMaskRules, type TextMask } from "@keynode/grpc/masking/masked-text";
import type { CompleteSettings } from "./domain/security-settings/security-settings.ts";

/** A tenant's rules on masking, as far as they are not the platform's: those need not travel with every call. */
export const maskRulesOf = (masking: CompleteSettings["masking"]): MaskRules => {
  const { phoneRule, emailRule, nameRule, idNumberRule, addressRule } = masking;
  const none: MaskRule = { keepFirst: 0, keepLast: 0, keepPlace: false };
  const rules: Readonly<Record<TextMask, MaskRule>> = {
    PHONE: { keepFirst: phoneRule.keepFirst, keepLast: phoneRule.keepLast, keepPlace: phoneRule.keepCountryCode },
    EMAIL: { ...none, keepFirst: emailRule.keepFirst, keepPlace: emailRule.keepDomain },
    NAME: { ...none, keepFirst: nameRule.keepFirst },
    ID_NUMBER: { ...none, keepFirst: idNumberRule.keepFirst, keepLast: idNumberRule.keepLast },
    ADDRESS: { ...none, keepFirst: addressRule.keepFirst },
  };
  return Object.fromEntries(
    Object.entries(rules).filter(([kind, rule]) => !isSame(rule, platformMaskRules[kind as TextMask])),
  );
};

const isSame = (one: MaskRule, other: MaskRule): boolean =>
  one.keepFirst === other.keepFirst && one.keepLast === other.keepLast && one.keepPlace === other.keepPlace;
