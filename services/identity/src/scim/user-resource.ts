import { normaliseEmail } from "@keynode/api/contact-point";
import type { User } from "@keynode/contracts/crm/identity/v1/user";
import type { Call } from "@keynode/grpc/call";
import { isMaskedText, maskedText } from "@keynode/grpc/masking/masked-text";
import type { DomainError } from "@keynode/decider/domain-error";
import type { UserState } from "../domain/user/state.ts";
import { composed } from "../sign-on/claims.ts";
import type { Operation } from "./patch-operations.ts";
import { base } from "./scim-answer.ts";
import { isObject, type Json, type JsonObject, valueOf } from "./scim-json.ts";
import { pathInvalid, valuesInvalid } from "./scim-refusal.ts";

export const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
export const enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** What SCIM may write of a user, by its own names in lower case; a complex attribute's parts by `name.givenname`. */
export type UserDraft = { readonly [Name in WritableName]?: Json | undefined };

const writable = [
  "username",
  "externalid",
  "displayname",
  "name.givenname",
  "name.familyname",
  "name.formatted",
  "active",
  "preferredlanguage",
  "manager.value",
] as const;
type WritableName = (typeof writable)[number];

/** What there is to write of a complex attribute when it is given whole. */
const parts: Readonly<Record<string, readonly string[]>> = {
  name: ["givenname", "familyname", "formatted"],
  manager: ["value"],
};

/** Attributes of the schemas that a user here does not have, or that follow from others: taken and left alone. */
const ignored: ReadonlySet<string> = new Set(
  (
    "schemas id meta groups emails phonenumbers ims photos addresses entitlements roles x509certificates nickname " +
    "profileurl title usertype locale timezone password employeenumber costcenter organization division department"
  ).split(" "),
);

/** A user as SCIM shows it. Its one address is both `userName` and its only `emails`. */
export const userResource = (user: UserState, version: number) => ({
  schemas: [userSchema, enterpriseSchema],
  id: user.id,
  ...(user.externalKey !== "" && { externalId: user.externalKey }),
  userName: user.email,
  displayName: user.name,
  name: {
    formatted: user.name,
    ...(user.givenName !== undefined && { givenName: user.givenName }),
    ...(user.familyName !== undefined && { familyName: user.familyName }),
  },
  emails: [{ value: user.email, type: "work", primary: true }],
  active: user.active,
  ...(user.language !== "" && { preferredLanguage: user.language }),
  groups: user.teamIds.map((value) => ({ value, $ref: `${base}/Groups/${value}`, type: "direct" })),
  ...(user.managerId !== "" && {
    [enterpriseSchema]: { manager: { value: user.managerId, $ref: `${base}/Users/${user.managerId}` } },
  }),
  meta: {
    resourceType: "User",
    created: user.createTime?.toISOString(),
    lastModified: user.updateTime?.toISOString(),
    location: `${base}/Users/${user.id}`,
    version: `"${version}"`,
  },
});

/** What SCIM may write of a user as it is now. */
export const draftOf = (user: UserState): UserDraft => ({
  username: user.email,
  externalid: user.externalKey,
  displayname: user.name,
  "name.givenname": user.givenName,
  "name.familyname": user.familyName,
  active: user.active,
  preferredlanguage: user.language,
  "manager.value": user.managerId,
});

/** What a whole resource gives; what it leaves out is cleared. */
export const draftIn = (body: JsonObject): UserDraft => {
  const enterprise = valueOf(body, enterpriseSchema);
  const places = [body, ...(enterprise !== undefined && isObject(enterprise) ? [enterprise] : [])];
  const find = (path: string): Json | undefined => {
    const [attribute = "", sub] = path.split(".");
    const value = places.map((place) => valueOf(place, attribute)).find((each) => each !== undefined);
    if (sub === undefined || value === undefined) return value;
    return isObject(value) ? valueOf(value, sub) : value;
  };
  return Object.fromEntries(writable.map((path) => [path, find(path)]));
};

/** The draft after a PATCH's operations. Errors: SCIM_PATH_INVALID. */
export const patchedDraft = (before: UserDraft, operations: readonly Operation[]): UserDraft | DomainError => {
  let draft = before;
  for (const { kind, path, value } of operations) {
    const { attribute, sub, values } = path;
    if (ignored.has(attribute)) continue;
    const given = kind === "remove" ? undefined : value;
    const inner = sub === "" ? parts[attribute] : undefined;
    const changes =
      inner === undefined
        ? { [sub === "" ? attribute : `${attribute}.${sub}`]: given }
        : Object.fromEntries(inner.map((part) => [`${attribute}.${part}`, partOf(given, part)]));
    const unknown = Object.keys(changes).find((name) => !isWritable(name));
    if (unknown !== undefined || values !== undefined) return pathInvalid(unknown ?? attribute);
    // Only what a complex value names is changed, unless it is taken away as a whole.
    const named = Object.entries(changes).filter(([, each]) => each !== undefined || given === undefined);
    draft = { ...draft, ...Object.fromEntries(named) };
  }
  return draft;
};

const isWritable = (name: string): name is WritableName => writable.some((each) => each === name);

/** Entra gives a manager's id as a text where others give an object. */
const partOf = (given: Json | undefined, part: string): Json | undefined => {
  if (given === undefined || isObject(given)) return given && valueOf(given, part);
  return part === "value" ? given : undefined;
};

/** A draft as a user's facts. */
export type UserFacts = Pick<
  User,
  "email" | "name" | "givenName" | "familyName" | "externalKey" | "language" | "managerId"
> & {
  /** Undefined where the client says nothing. */
  readonly active: boolean | undefined;
};

/** Errors: SCIM_VALUE_INVALID naming every place. */
export const factsOf = (draft: UserDraft, { principal }: Pick<Call, "principal">): UserFacts | DomainError => {
  const wrong: string[] = [];
  const text = (path: WritableName, maxLength: number): string => {
    const value = draft[path];
    if (value === undefined || value === null) return "";
    if (typeof value === "string" && value.trim().length <= maxLength) return value.trim();
    wrong.push(shownNames[path]);
    return "";
  };
  const email = normaliseEmail(text("username", 254));
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) && !wrong.includes("userName")) wrong.push("userName");
  // What a reader without the right was shown, sent back: no address.
  if (isMaskedText("EMAIL", email) && !wrong.includes("userName")) wrong.push("userName");
  const [givenName, familyName] = [text("name.givenname", 200), text("name.familyname", 200)];
  // Names are shown to all: without one, the address lends its masked form (ADR 0014).
  const called =
    text("displayname", 200) ||
    text("name.formatted", 200) ||
    composed(givenName, familyName) ||
    maskedText("EMAIL", email, principal.maskRules);
  const managerId = text("manager.value", 64);
  const active = truthOf(draft["active"]);
  if (active === "none") wrong.push("active");
  const facts = {
    email,
    name: called.slice(0, 200),
    givenName: givenName || undefined,
    familyName: familyName || undefined,
    externalKey: text("externalid", 200),
    language: languageOf(text("preferredlanguage", 100)),
    managerId,
    active: active === "none" ? undefined : active,
  };
  return wrong.length > 0 ? valuesInvalid(wrong) : facts;
};

const shownNames: Readonly<Record<WritableName, string>> = {
  username: "userName",
  externalid: "externalId",
  displayname: "displayName",
  "name.givenname": "name.givenName",
  "name.familyname": "name.familyName",
  "name.formatted": "name.formatted",
  active: "active",
  preferredlanguage: "preferredLanguage",
  "manager.value": `${enterpriseSchema}:manager.value`,
};

/** Entra writes truth as text: `"False"`. */
const truthOf = (value: Json | undefined): boolean | undefined | "none" => {
  if (value === undefined || value === null || typeof value === "boolean") return value ?? undefined;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (word === "true") return true;
  return word === "false" ? false : "none";
};

/** `zh-CN` is Chinese here; a language that the product does not speak is the tenant's. */
const languageOf = (tag: string): string => {
  const [language = ""] = tag.toLowerCase().split(/[-_,;]/);
  return language === "zh" || language === "en" ? language : "";
};
