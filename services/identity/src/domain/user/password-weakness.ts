import { type DomainError, reject } from "@keynode/decider/domain-error";

/** How many characters a password has, as the tenant decides within the contract's bounds (NIST SP 800-63B §3.1.1.2). */
export type PasswordPolicy = { readonly minLength: number; readonly maxLength: number };

/** How many of its characters must differ. */
const minDistinct = 5;

/** What people choose first, in lower case and without trailing digits and signs; from published lists of leaked passwords. */
const common: ReadonlySet<string> = new Set([
  "",
  "admin",
  "administrator",
  "asdf",
  "asdfgh",
  "asdfghjkl",
  "baseball",
  "changeme",
  "dragon",
  "football",
  "iloveyou",
  "keynode",
  "letmein",
  "master",
  "monkey",
  "p@ssw0rd",
  "p@ssword",
  "passw0rd",
  "password",
  "princess",
  "qazwsx",
  "qazwsxedc",
  "1qaz2wsx",
  "1q2w3e4r",
  "1q2w3e4r5t",
  "q1w2e3r4",
  "qwer",
  "qwerty",
  "qwertyuiop",
  "secret",
  "starwars",
  "sunshine",
  "superman",
  "trustno",
  "welcome",
  "whatever",
  "woaini",
  "wodemima",
  "zxcvbn",
  "zxcvbnm",
]);

const runs = ["abcdefghijklmnopqrstuvwxyz", "01234567890123456789"];

/**
 * Refuses a password that is too short or too long, repetitive, a run of the alphabet or of digits, among those people choose first, or
 * the user's own name or address. Errors: PASSWORD_LENGTH, PASSWORD_TOO_WEAK, naming `field`.
 */
export const refuseWeakPassword = (
  password: string,
  { name, email }: { readonly name: string; readonly email: string },
  field: string,
  { minLength, maxLength }: PasswordPolicy,
): DomainError | undefined => {
  const lower = password.normalize("NFKC").toLowerCase();
  const characters = Array.from(lower);
  if (characters.length < minLength || characters.length > maxLength) {
    const metadata = { minLength: String(minLength), maxLength: String(maxLength) };
    return reject("PASSWORD_LENGTH", metadata, [{ field, reason: "PASSWORD_LENGTH" }]);
  }
  const weak =
    new Set(characters).size < minDistinct ||
    runs.some((run) => run.includes(lower) || run.includes(characters.toReversed().join(""))) ||
    common.has(lower) ||
    [...common, ...namesOf(name, email)].includes(lower.replace(/[\d\p{P}\p{S}]+$/u, ""));
  const reason = "PASSWORD_TOO_WEAK";
  return weak ? reject(reason, {}, [{ field, reason }]) : undefined;
};

const namesOf = (name: string, email: string): string[] =>
  [name, ...name.split(/\s+/), name.replace(/\s+/g, ""), email, email.split("@")[0] ?? ""]
    .map((part) => part.normalize("NFKC").toLowerCase())
    .filter((part) => part !== "");
