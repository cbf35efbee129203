/** What is kept of one kind of sensitive values for those who may not see them. */
export type MaskRule = {
  /** Characters, of a telephone number digits. */
  readonly keepFirst: number;
  readonly keepLast: number;
  /** What says where a value belongs: a telephone number's country, an e-mail address's domain. */
  readonly keepPlace: boolean;
};

/** A tenant's own rules by the kinds of the contract (`crm.options.v1.FieldRules.Mask`); the platform's for others. */
export type MaskRules = Readonly<Record<string, MaskRule>>;

/** One of them as messages have it (`crm.identity.v1.Principal.MaskRule`). */
export type ListedMaskRule = MaskRule & { readonly kind: string };

export const maskRuleList = (rules: MaskRules): ListedMaskRule[] =>
  Object.entries(rules).map(([kind, rule]) => ({ kind, ...rule }));

export const maskRulesIn = (list: readonly ListedMaskRule[]): MaskRules =>
  Object.fromEntries(list.map(({ kind, ...rule }) => [kind, rule]));

/** As the internal token has them: `{"PHONE": [3, 4, 1]}`. */
export type MaskClaim = Readonly<Record<string, readonly [keepFirst: number, keepLast: number, keepPlace: 0 | 1]>>;

export const maskClaim = (rules: MaskRules): MaskClaim =>
  Object.fromEntries(
    Object.entries(rules).map(([kind, { keepFirst, keepLast, keepPlace }]) => [
      kind,
      [keepFirst, keepLast, keepPlace ? 1 : 0] as const,
    ]),
  );

/** The rules that a claim tells; undefined when it is none. */
export const maskRulesOf = (claim: unknown): MaskRules | undefined => {
  if (typeof claim !== "object" || claim === null || Array.isArray(claim)) return undefined;
  const rules: Record<string, MaskRule> = {};
  for (const [kind, kept] of Object.entries(claim)) {
    if (!isKept(kept)) return undefined;
    const [keepFirst, keepLast, keepPlace] = kept;
    rules[kind] = { keepFirst, keepLast, keepPlace: keepPlace === 1 };
  }
  return rules;
};

const isKept = (value: unknown): value is MaskClaim[string] =>
  Array.isArray(value) &&
  value.length === 3 &&
  value.every((part: unknown) => typeof part === "number" && Number.isSafeInteger(part) && part >= 0);
