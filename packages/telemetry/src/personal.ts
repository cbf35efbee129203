/** Keys whose values never reach a log, at any of the first three levels of a logged object. */
export const REDACTED_KEYS = [
  "password",
  "secret",
  "token",
  "authorization",
  "cookie",
  "apiKey",
  "privateJwk",
  "email",
  "emails",
  "phone",
  "phones",
  "mobile",
  "wechat",
  "address",
  "postalAddress",
  "givenName",
  "familyName",
  "fullName",
  "displayName",
  "contactName",
  "personName",
  "idNumber",
  "birthday",
] as const;

const EMAIL = /[^\s@"'<>(),;:]+@[^\s@"'<>(),;:]+\.[^\s@"'<>(),;:]+/g;
/** Eight digits or more, as telephone numbers are written; not part of a longer word, as in an id. */
const PHONE = /(?<![\w.-])\+?\d(?:[ -]?\d){7,}(?![\w.-])/g;

/** A text from outside our code, such as a driver's error message, without the e-mail addresses and telephone numbers it quotes. */
export const scrub = (text: string): string => text.replace(EMAIL, "[email]").replace(PHONE, "[number]");
