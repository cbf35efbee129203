import type { CommandScope } from "@keynode/aggregate/command-scope";
import { derivedId } from "@keynode/aggregate/type-id";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Contexts } from "../api/contexts.ts";
import type { IdentityProviderState } from "../domain/identity-provider/identity-provider.ts";
import type { UserState } from "../domain/user/state.ts";
import { holderOf } from "../match-keys.ts";
import { identityKeyOf, type UserStore } from "../user.ts";
import type { Vouched } from "./claims.ts";

/** Finds, or makes, the user whom a provider vouches for. */
export type KnownUser = (
  provider: IdentityProviderState,
  vouched: Vouched,
  scope: CommandScope,
) => Promise<string | DomainError>;

/**
 * Answers the user's id: by issuer and subject and nothing else, once they are linked. The first time, the tenant may
 * have the provider's word link them to a user by the key that SCIM brought, or by a verified e-mail address, or have a
 * user made. Errors: SIGN_ON_BARRED, SIGN_ON_EMAIL_REFUSED, SIGN_ON_EMAIL_TAKEN, SIGN_ON_NO_ACCOUNT.
 */
export const knownUser = (users: UserStore, context: Contexts["user"]): KnownUser => {
  /** The user that the provider's word leads to, though it has not done so before. */
  const meant = async (
    provider: IdentityProviderState,
    vouched: Vouched,
    tenant: string,
  ): Promise<AggregateDocument<UserState> | undefined> => {
    const { externalKey, email, emailVerified } = vouched;
    const byKey = externalKey === "" ? undefined : await holderOf(users, tenant, [`external:${externalKey}`]);
    if (byKey !== undefined || !provider.linksUsers || email === "" || emailVerified !== true) return byKey;
    return await holderOf(users, tenant, [`email:${email}`]);
  };

  /** The id follows from the identity: two first sign-ins at once, or one that was cut short, make one user. */
  const made = async (
    provider: IdentityProviderState,
    vouched: Vouched,
    scope: CommandScope,
  ): Promise<string | DomainError> => {
    if (!provider.createsUsers) return reject("SIGN_ON_NO_ACCOUNT");
    const { issuer, subject, name, givenName, familyName, email, emailVerified, language } = vouched;
    if (email === "" || emailVerified === false) return reject("SIGN_ON_EMAIL_REFUSED");
    const id = derivedId("user", scope.tenant, issuer, subject);
    const names = { name, ...(givenName !== "" && { givenName }), ...(familyName !== "" && { familyName }) };
    const user = User.fromPartial({ ...names, email, language });
    const outcome = await users.create({ type: "CreateUser", user }, scope, context, id);
    if (!isDomainError(outcome)) return id;
    if (outcome.reason === "USER_EXISTS") return reject("SIGN_ON_EMAIL_TAKEN");
    if (outcome.reason !== "ALREADY_EXISTS") return outcome;
    const found = await users.get(scope.tenant, id, scope.visibility);
    return admitted(found?.state, id);
  };

  return async (provider, vouched, scope) => {
    const refusal = refuseEmail(provider, vouched);
    if (refusal !== undefined) return refusal;
    const { tenant } = scope;
    const identity = { identityProviderId: provider.id, issuer: vouched.issuer, subject: vouched.subject };
    const linked = await users.collection
      .find({ tenant, "state.identityKeys": identityKeyOf(identity) })
      .limit(maxLinked)
      .toArray();
    const present = linked.find(({ state }) => state.deleteTime === undefined);
    if (present !== undefined) return admitted(present.state, present._id);
    // Somebody who was deleted does not come back as somebody new.
    if (linked.length > 0) return reject("SIGN_ON_BARRED");

    const found = await meant(provider, vouched, tenant);
    const id = found === undefined ? await made(provider, vouched, scope) : admitted(found.state, found._id);
    if (isDomainError(id)) return id;
    const outcome = await users.execute(id, { type: "LinkIdentity", identity }, scope, context);
    return isDomainError(outcome) ? outcome : id;
  };
};

/** One user at most has an identity and is not deleted; how many deleted ones are looked at beside. */
const maxLinked = 100;

const admitted = (user: UserState | undefined, id: string): string | DomainError =>
  user?.active && user.deleteTime === undefined ? id : reject("SIGN_ON_BARRED");

/** Where the tenant names domains, at every sign-in: an address may have become another's. */
const refuseEmail = (
  { emailDomains }: IdentityProviderState,
  { email, emailVerified }: Vouched,
): DomainError | undefined => {
  if (emailDomains.length === 0) return undefined;
  const domain = email.slice(email.lastIndexOf("@") + 1);
  return emailVerified === true && email !== "" && emailDomains.includes(domain)
    ? undefined
    : reject("SIGN_ON_EMAIL_REFUSED");
};
