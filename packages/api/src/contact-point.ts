import { type DomainError, reject } from "@keynode/decider/domain-error";
import { normalisePhone } from "@keynode/fields/contact-point";

/** An e-mail address as it is kept and compared: full-width characters folded, lower case, no space around it. */
export const normaliseEmail = (text: string): string => text.normalize("NFKC").trim().toLowerCase();

/** A message with its e-mail address and telephone number in the form they are kept in. Errors: INVALID_PHONE, naming `phoneField`. */
export const withContactPoints = <Message extends { email: string; phone: string }>(
  message: Message,
  phoneField: string,
): Message | DomainError => {
  const phone = message.phone === "" ? "" : normalisePhone(message.phone);
  if (phone === undefined) return reject("INVALID_PHONE", {}, [{ field: phoneField, reason: "INVALID_PHONE" }]);
  return { ...message, email: normaliseEmail(message.email), phone };
};
