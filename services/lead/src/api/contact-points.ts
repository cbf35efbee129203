import { normaliseEmail, normalisePhone } from "@keynode/api/contact-point";
import { type DomainError, reject } from "@keynode/decider/domain-error";

/** A message with its e-mail address and telephone number in the form they are kept in. Errors: INVALID_PHONE. */
export const withContactPoints = <Message extends { email: string; phone: string }>(
  message: Message,
  phoneField: string,
): Message | DomainError => {
  const phone = message.phone === "" ? "" : normalisePhone(message.phone);
  if (phone === undefined) return reject("INVALID_PHONE", {}, [{ field: phoneField, reason: "INVALID_PHONE" }]);
  return { ...message, email: normaliseEmail(message.email), phone };
};
