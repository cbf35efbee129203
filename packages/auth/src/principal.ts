import type { MaskRules } from "./mask-rules.ts";

/** How far a right reaches: the actor's own records, those of its teams too, or every record of the tenant. */
export type Scope = "own" | "team" | "all";

/** Rights by permission: `leads.read`, `leads.*` or `*`; the most specific entry decides. */
export type Grants = Readonly<Record<string, Scope>>;

/** On whose behalf a call is made, as the internal token says it (law 8). */
export type Principal = {
  /** `*` only for a service that reads across tenants by an internal method. */
  readonly tenant: string;
  /** `user_…`, `apikey_…`, `service:<name>`, or `anonymous` behind a signed public link. */
  readonly actor: string;
  readonly roles: readonly string[];
  readonly teams: readonly string[];
  readonly grants: Grants;
  /** Rises when a role, session or key of the tenant changes; tokens of an older version are refused. */
  readonly policyVersion: number;
  /** The session that a user signed in by; none for API keys and services. */
  readonly session?: string | undefined;
  /** How sensitive values look that the principal may not see, where the tenant does not leave it to the platform. */
  readonly maskRules?: MaskRules | undefined;
};

export type ServiceActor = `service:${string}`;

export const isServiceActor = (actor: string): actor is ServiceActor => /^service:[a-z][a-z0-9-]*$/.test(actor);

/**
 * How far the principal's right to a permission reaches, undefined when it has none. The most specific grant wins
 * even where a wider one reaches farther, so `{"*": "all", "leads.delete": "own"}` narrows one verb.
 */
export const grantedScope = ({ grants }: Pick<Principal, "grants">, permission: string): Scope | undefined => {
  const grant = grantNames(permission).find((name) => Object.hasOwn(grants, name));
  return grant === undefined ? undefined : grants[grant];
};

/** What may grant a permission, the most specific first: `a.b.c` → `a.b.c`, `a.b.*`, `a.*`, `*`. */
const grantNames = (permission: string): readonly string[] => {
  const known = namesByPermission.get(permission);
  if (known) return known;
  const parts = permission.split(".");
  const wildcards = parts.map((_, length) => [...parts.slice(0, length), "*"].join("."));
  const names = [permission, ...wildcards.reverse()];
  namesByPermission.set(permission, names);
  return names;
};

/** By permission: the contract declares some hundreds. */
const namesByPermission = new Map<string, readonly string[]>();
