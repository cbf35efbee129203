import type { JWTPayload } from "jose";
import { maskClaim, maskRulesOf } from "./mask-rules.ts";
import { type Grants, isServiceActor, type Principal, type Scope, type ServiceActor } from "./principal.ts";
import { serviceRights } from "./service-rights.ts";

/** The JWS `typ`: no other kind of JWT signed by the same key passes for an internal token (RFC 8725 §3.11). */
export const tokenType = "keynode-internal+jwt";
/** Ed25519 (RFC 8037); nothing else is accepted, whatever a header asks for. */
export const tokenAlgorithm = "EdDSA";
export const tokenLifetimeS = 60;

/** Who signs: the gateway for users and API keys, a service for itself. */
export type Issuer = "gateway" | ServiceActor;

/** The principal as claims. A service's rights stay out: the verifier knows them. */
export const claimsOf = (principal: Principal): JWTPayload => ({
  sub: principal.actor,
  tenant: principal.tenant,
  pv: principal.policyVersion,
  ...(isServiceActor(principal.actor)
    ? {}
    : {
        roles: principal.roles,
        teams: principal.teams,
        grants: principal.grants,
        sid: principal.session,
        ...(principal.maskRules !== undefined && { mask: maskClaim(principal.maskRules) }),
      }),
});

/**
 * The principal that verified claims name, or undefined when they are not what their issuer may say: the gateway
 * speaks for users, API keys and public links of one tenant, a service only for itself; `*` is a service's tenant only.
 */
export const principalOf = (claims: JWTPayload): Principal | undefined => {
  const { iss, sub: actor, tenant, pv: policyVersion } = claims;
  if (typeof actor !== "string" || typeof tenant !== "string" || tenant === "") return undefined;
  if (typeof policyVersion !== "number" || !Number.isSafeInteger(policyVersion)) return undefined;
  if (isServiceActor(actor)) {
    if (iss !== actor) return undefined;
    return { tenant, actor, roles: [], teams: [], grants: serviceRights(actor), policyVersion };
  }
  const { roles, teams, grants, sid: session, mask } = claims;
  if (iss !== "gateway" || tenant === "*" || !isCaller(actor)) return undefined;
  if (!isStrings(roles) || !isStrings(teams) || !isGrants(grants)) return undefined;
  if (session !== undefined && typeof session !== "string") return undefined;
  const maskRules = mask === undefined ? undefined : maskRulesOf(mask);
  if (mask !== undefined && maskRules === undefined) return undefined;
  return {
    tenant,
    actor,
    roles,
    teams,
    grants,
    policyVersion,
    ...(session !== undefined && { session }),
    ...(maskRules !== undefined && { maskRules }),
  };
};

/** Whom the gateway speaks for; `anonymous` came by a signed public link, which names its tenant. */
const isCaller = (actor: string): boolean => actor === "anonymous" || /^(?:user|apikey)_./.test(actor);

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

const scopes: readonly unknown[] = ["own", "team", "all"] satisfies Scope[];

const isGrants = (value: unknown): value is Grants =>
  typeof value === "object" && value !== null && Object.values(value).every((scope) => scopes.includes(scope));
