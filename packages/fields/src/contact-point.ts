import { parsePhoneNumberFromString } from "libphonenumber-js";

/** Country whose numbers are written without a prefix (ISO 3166-1 alpha-2). */
export type Country = "CN";

/** E.164 form of a telephone number, for example `+8613800000000`; undefined when it is none that can be dialled. */
export const normalisePhone = (text: string, country: Country = "CN"): string | undefined => {
  const number = parsePhoneNumberFromString(text.normalize("NFKC"), country);
  return number?.isPossible() ? number.number : undefined;
};
