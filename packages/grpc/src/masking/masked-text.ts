import type { Mask } from "@keynode/contracts/descriptors";

/** The masks that leave a text behind; the others leave nothing. */
export type TextMask = Exclude<Mask, "HIDDEN" | "SECRET">;

export const isTextMask = (mask: Mask): mask is TextMask => Object.hasOwn(masks, mask);

const HIDDEN_PART = "****";
/** Digits of a telephone number that no mask shows, however short it is. */
const HIDDEN_DIGITS = 4;

/** The country codes of E.164, which are free of each other's prefixes: one digit, two, else three. */
const COUNTRY_CODE = /^\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** `+8613812340000` → `+86138****0000`. */
const maskedPhone = (text: string): string => {
  const country = COUNTRY_CODE.exec(text)?.[0] ?? "";
  const digits = text.slice(country.length).replace(/\D/g, "");
  const shown = Math.max(digits.length - HIDDEN_DIGITS, 0);
  const last = Math.min(4, shown);
  const first = Math.min(3, shown - last);
  return `${country}${digits.slice(0, first)}${HIDDEN_PART}${digits.slice(digits.length - last)}`;
};

/** `wang.fang@acme.example` → `w***@acme.example`. */
const maskedEmail = (text: string): string => {
  const at = text.lastIndexOf("@");
  return at < 0 ? "***" : `${firstCharacter(text.slice(0, at))}***${text.slice(at)}`;
};

/** `王芳` → `王**`. */
const maskedName = (text: string): string => `${firstCharacter(text)}**`;

/** `110101199003071234` → `****1234`. */
const maskedIdNumber = (text: string): string => `${HIDDEN_PART}${text.length < 8 ? "" : text.slice(-4)}`;

const firstCharacter = (text: string): string => Array.from(text)[0] ?? "";

const masks: Readonly<Record<TextMask, { readonly mask: (text: string) => string; readonly form: RegExp }>> = {
  PHONE: { mask: maskedPhone, form: /\*/ },
  EMAIL: { mask: maskedEmail, form: /\*{3}[^@]*(?:@|$)/ },
  NAME: { mask: maskedName, form: /\*{2}$/ },
  ID_NUMBER: { mask: maskedIdNumber, form: /\*{4}/ },
};

/** What a reader without the right sees of a text; of an empty one, that it is empty. */
export const maskedText = (mask: TextMask, text: string): string => (text === "" ? "" : masks[mask].mask(text));

/** Whether a text has been masked, also where its reader went on writing in it: no value of the field looks like it. */
export const isMaskedText = (mask: TextMask, text: string): boolean => masks[mask].form.test(text.normalize("NFKC"));
