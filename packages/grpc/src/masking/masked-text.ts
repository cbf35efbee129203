import type { MaskRule, MaskRules } from "@keynode/auth/mask-rules";
import type { Mask } from "@keynode/contracts/descriptors";

/** The masks that leave a text behind; the others leave nothing. */
export type TextMask = Exclude<Mask, "HIDDEN" | "SECRET">;

export const isTextMask = (mask: Mask): mask is TextMask => Object.hasOwn(kinds, mask);

const HIDDEN_PART = "****";
/** Digits of a telephone number that no mask shows, however short it is. */
const HIDDEN_DIGITS = 4;
/** Numbers of documents with fewer characters show none. */
const LEAST_ID_NUMBER = 8;

/** The country codes of E.164, which are free of each other's prefixes: one digit, two, else three. */
const COUNTRY_CODE = /^\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** `+8613812340000` → `+86138****0000`. */
const maskedPhone = (text: string, { keepFirst, keepLast, keepPlace }: MaskRule): string => {
  const country = COUNTRY_CODE.exec(text)?.[0] ?? "";
  const digits = text.slice(country.length).replace(/\D/g, "");
  const shown = Math.max(digits.length - HIDDEN_DIGITS, 0);
  const last = Math.min(keepLast, shown);
  const first = Math.min(keepFirst, shown - last);
  const beginning = (keepPlace ? country : "") + digits.slice(0, first);
  return `${beginning}${HIDDEN_PART}${digits.slice(digits.length - last)}`;
};

/** `wang.fang@acme.example` → `w***@acme.example`. */
const maskedEmail = (text: string, { keepFirst, keepPlace }: MaskRule): string => {
  const at = text.lastIndexOf("@");
  if (at < 0) return "***";
  return `${beginningOf(text.slice(0, at), keepFirst)}***${keepPlace ? text.slice(at) : ""}`;
};

/** `王芳` → `王**`. */
const maskedName = (text: string, { keepFirst }: MaskRule): string => `${beginningOf(text, keepFirst)}**`;

/** `110101199003071234` → `****1234`. */
const maskedIdNumber = (text: string, { keepFirst, keepLast }: MaskRule): string => {
  const characters = charactersOf(text);
  if (characters.length < LEAST_ID_NUMBER) return HIDDEN_PART;
  const shown = Math.floor(characters.length / 2);
  const last = Math.min(keepLast, shown);
  const first = Math.min(keepFirst, shown - last);
  return characters.slice(0, first).join("") + HIDDEN_PART + characters.slice(characters.length - last).join("");
};

/** `南京西路1266号` → `****`. */
const maskedAddress = (text: string, { keepFirst }: MaskRule): string =>
  `${beginningOf(text, keepFirst)}${HIDDEN_PART}`;

/** The first characters, but never more than half of them. */
const beginningOf = (text: string, count: number): string => {
  if (count === 0) return "";
  const characters = charactersOf(text);
  return characters.slice(0, Math.min(count, Math.floor(characters.length / 2))).join("");
};

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What people take for one character is never cut: neither a surrogate pair nor a letter with its accents. */
const charactersOf = (text: string): readonly string[] =>
  isPlain(text) ? Array.from(text) : Array.from(graphemes.segment(text), ({ segment }) => segment);

/** Of printable ASCII each one is a character by itself. */
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text);

type Kind = {
  readonly mask: (text: string, rule: MaskRule) => string;
  readonly form: RegExp;
  /** What is kept where the tenant has not decided otherwise. */
  readonly platform: MaskRule;
  /** The most that a rule may keep. */
  readonly most: MaskRule;
};

const kept = (keepFirst: number, keepLast: number, keepPlace = false): MaskRule => ({ keepFirst, keepLast, keepPlace });

const kinds: Readonly<Record<TextMask, Kind>> = {
  PHONE: { mask: maskedPhone, form: /\*/, platform: kept(3, 4, true), most: kept(3, 4, true) },
  EMAIL: { mask: maskedEmail, form: /\*{3}[^@]*(?:@|$)/, platform: kept(1, 0, true), most: kept(3, 0, true) },
  NAME: { mask: maskedName, form: /\*{2}$/, platform: kept(1, 0), most: kept(1, 0) },
  ID_NUMBER: { mask: maskedIdNumber, form: /\*{4}/, platform: kept(0, 4), most: kept(3, 4) },
  ADDRESS: { mask: maskedAddress, form: /\*{4}/, platform: kept(0, 0), most: kept(6, 0) },
};

/** What is kept of each kind where a tenant has not decided otherwise. */
export const platformMaskRules = Object.fromEntries(
  Object.entries(kinds).map(([kind, { platform }]) => [kind, platform]),
) as Readonly<Record<TextMask, MaskRule>>;

/**
 * What a reader without the right sees of a text; of an empty one, that it is empty. However a tenant's rule came about,
 * it shows no more than the kind's bound.
 */
export const maskedText = (mask: TextMask, text: string, rules?: MaskRules): string => {
  if (text === "") return "";
  const kind = kinds[mask];
  const rule = rules?.[mask];
  return kind.mask(text, rule === undefined ? kind.platform : bounded(rule, kind.most));
};

const bounded = ({ keepFirst, keepLast, keepPlace }: MaskRule, most: MaskRule): MaskRule => ({
  keepFirst: Math.max(0, Math.min(keepFirst, most.keepFirst)),
  keepLast: Math.max(0, Math.min(keepLast, most.keepLast)),
  keepPlace,
});

/** Whether a text has been masked, also where its reader went on writing in it: no value of the field looks like it. */
export const isMaskedText = (mask: TextMask, text: string): boolean => kinds[mask].form.test(text.normalize("NFKC"));
