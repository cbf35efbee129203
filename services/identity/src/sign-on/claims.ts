import { normaliseEmail } from "@keynode/api/contact-point";
import type { MaskRules } from "@keynode/auth/mask-rules";
import { maskedText } from "@keynode/grpc/masking/masked-text";
import type { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";

/** What a provider says, and answers for, of somebody who signed in there. */
export type Vouched = {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly givenName: string;
  readonly familyName: string;
  /** Empty when the provider tells none. */
  readonly email: string;
  /** What the provider says of the address; undefined when it says nothing. */
  readonly emailVerified: boolean | undefined;
  readonly language: "" | "en" | "zh";
  /** The key that SCIM has for the user; empty when the provider has no claim for it. */
  readonly externalKey: string;
  /** Undefined when the provider has more groups than it tells. */
  readonly groups: readonly string[] | undefined;
};

export type Claims = Readonly<Record<string, unknown>>;

const maxGroups = 2_000;

/** Reads what a provider's claims say, in the words that the tenant told. */
export const vouchedBy = (
  claims: Claims & { readonly iss: string; readonly sub: string },
  { groupsClaim, externalKeyClaim }: IdentityProvider,
  maskRules: MaskRules,
): Vouched => {
  const email = normaliseEmail(text(claims["email"]));
  const givenName = text(claims["given_name"]);
  const familyName = text(claims["family_name"]);
  const called = text(claims["name"]) || composed(givenName, familyName) || text(claims["preferred_username"]);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    // Names are shown to all: an address lends its masked form (ADR 0014).
    name: called === "" || called.toLowerCase() === email ? maskedText("EMAIL", email, maskRules) : called,
    givenName,
    familyName,
    email: isEmail(email) ? email : "",
    emailVerified: truth(claims["email_verified"]),
    language: languageOf(text(claims["locale"])),
    externalKey: externalKeyClaim === "" ? "" : text(claimAt(claims, externalKeyClaim)),
    groups: groupsOf(claims, groupsClaim || defaultGroupsClaim),
  };
};

export const defaultGroupsClaim = "groups";

/** A claim by its name, or by the way to it: `realm_access.roles`. */
export const claimAt = (claims: Claims, name: string): unknown =>
  Object.hasOwn(claims, name)
    ? claims[name]
    : name
        .split(".")
        .reduce<unknown>(
          (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
          claims,
        );

/** A provider that leaves groups out says so by naming where to ask for them (OpenID Connect Core §5.6.2). */
const groupsOf = (claims: Claims, name: string): readonly string[] | undefined => {
  const elsewhere = claims["_claim_names"];
  if (isObject(elsewhere) && Object.hasOwn(elsewhere, name)) return undefined;
  const value = claimAt(claims, name);
  const groups = Array.isArray(value) ? value : [value];
  return groups.length > maxGroups ? undefined : groups.filter((group) => typeof group === "string" && group !== "");
};

/** The longest that a name or a key may be here. */
const maxLength = 200;

const text = (value: unknown): string => (typeof value === "string" ? value.trim().slice(0, maxLength + 54) : "");

/** Some providers write truth as text. */
const truth = (value: unknown): boolean | undefined => {
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : undefined;
};

const isEmail = (address: string): boolean => /^[^\s@]+@[^\s@]+$/.test(address) && address.length <= 254;

const languageOf = (locale: string): Vouched["language"] => {
  const [language] = locale.toLowerCase().split(/[-_]/);
  return language === "zh" || language === "en" ? language : "";
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const han = /\p{Script=Han}/u;

/** A full name as it is written where it comes from: 王芳, but Fang Wang. */
export const composed = (givenName: string, familyName: string): string =>
  han.test(givenName + familyName) ? `${familyName}${givenName}` : `${givenName} ${familyName}`.trim();
