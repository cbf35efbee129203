import { type DomainError, reject } from "@keynode/decider/domain-error";
import { parsePhoneNumberFromString } from "libphonenumber-js";

/** Country whose numbers are written without a prefix (ISO 3166-1 alpha-2). */
export type Country = "CN";

/** An e-mail address as it is kept and compared: full-width characters folded, lower case, no space around it. */
export const normaliseEmail = (text: string): string => text.normalize("NFKC").trim().toLowerCase();

/** E.164 form of a telephone number, for example `+8613800000000`; undefined when it is none that can be dialled. */
export const normalisePhone = (text: string, country: Country = "CN"): string | undefined => {
  const number = parsePhoneNumberFromString(text.normalize("NFKC"), country);
  return number?.isPossible() ? number.number : undefined;
};

/** A message with its e-mail address and telephone number in the form they are kept in. Errors: INVALID_PHONE, naming `phoneField`. */
export const withContactPoints = <Message extends { email: string; phone: string }>(
  message: Message,
  phoneField: string,
): Message | DomainError => {
  const phone = message.phone === "" ? "" : normalisePhone(message.phone);
  if (phone === undefined) return reject("INVALID_PHONE", {}, [{ field: phoneField, reason: "INVALID_PHONE" }]);
  return { ...message, email: normaliseEmail(message.email), phone };
};
