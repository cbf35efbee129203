import { shown } from "@keynode/api/command";
import { boundedCache } from "@keynode/auth/bounded-cache";
import { maskRuleList } from "@keynode/auth/mask-rules";
import type { Principal } from "@keynode/contracts/crm/identity/v1/principal";
import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import type { User } from "@keynode/contracts/crm/identity/v1/user";
import { sameSecret } from "@keynode/decider/same-secret";
import type { ApiKeyState } from "./domain/api-key/api-key.ts";
import { grantsOf, joined, limited, type Rights, rightsOf, shownInFull } from "./domain/rights.ts";
import type { UserState } from "./domain/user/state.ts";
import { policyIdOf } from "./policy.ts";
import { presentRecords } from "./present.ts";
import type { Security, SecurityOf } from "./security-settings.ts";
import { isStanding, limitOf } from "./session/standing.ts";
import type { Stores } from "./stores.ts";

/** Who calls, and the records that tell. */
export type Caller = {
  readonly principal: Principal;
  readonly tenant: Tenant;
  /** Set unless an API key calls. */
  readonly user: User | undefined;
  /** Set when one calls. */
  readonly apiKey: ApiKeyState | undefined;
};

/** How a caller is known: an API key by its digest, a user by the session; either by what its internal token names. */
export type Proof = { readonly digest: string } | { readonly sessionId: string };

/** What gives somebody rights: a role, or what everybody may do about themselves, which has no id. */
export type RightsSource = { readonly roleId: string; readonly roleName: string; readonly rights: Rights };

/** What a user or API key may do, however they show who they are. */
export type Holdings = {
  /** Whose record theirs is. */
  readonly record: { readonly id: string; readonly ownerId: string; readonly teamId: string };
  /** Not active, deleted, revoked or expired. */
  readonly isBarred: boolean;
  readonly teams: readonly string[];
  readonly sources: readonly RightsSource[];
  /** All sources together. */
  readonly rights: Rights;
};

export type Callers = {
  /** What the tenant's user or API key of this id may do; undefined when there is none. */
  holdings(tenantId: string, id: string): Promise<Holdings | undefined>;
  /** The user or API key of this id as it is now, or undefined when the proof is none, or holds no longer. */
  find(id: string, proof: Proof): Promise<Caller | undefined>;
};

/** What every caller may do about itself, and what a user may do beside that. */
const everyones: Rights = rightsOf([
  { permission: "me.read", scope: "OWN" },
  { permission: "me.signOut", scope: "OWN" },
  { permission: "permissions.explain", scope: "OWN" },
]);
const users: Rights = rightsOf(
  ["me.changePassword", "sessions.read", "sessions.revoke"].map((permission) => ({ permission, scope: "OWN" })),
);

const everything = { kind: "all" } as const;

/** Keys that made keys that made keys are followed this far. */
const maxMakers = 8;

/** Users and API keys whose tenant is remembered. */
const rememberedTenants = 10_000;

export const openCallers = (stores: Stores, securityOf: SecurityOf, now: () => Date): Callers => {
  const tenants = boundedCache<string>(rememberedTenants);

  /** Whose a record is never changes. */
  const tenantOf = async (id: string): Promise<string | undefined> => {
    const known = tenants.get(id);
    if (known !== undefined) return known;
    const { collection } = isUserId(id) ? stores.users : stores.apiKeys;
    const found = await collection.findOne({ _id: id }, { projection: { tenant: 1 } });
    if (found !== null) tenants.set(id, found.tenant);
    return found?.tenant;
  };

  const find: Callers["find"] = async (id, proof) => {
    const tenantId = await tenantOf(id);
    if (tenantId === undefined) return undefined;
    // The version comes first: rights that are read after it are never older than it says.
    const policy = await stores.policies.get(tenantId, policyIdOf(tenantId), everything);
    const [tenant, security] = await Promise.all([
      stores.tenants.get(tenantId, tenantId, everything),
      securityOf(tenantId),
    ]);
    const user = isUserId(id) ? await stores.users.get(tenantId, id, everything) : undefined;
    const apiKey = isUserId(id) ? undefined : await stores.apiKeys.get(tenantId, id, everything);
    const held = user
      ? await heldSession(tenantId, user.state, security, proof)
      : apiKey && (await heldApiKey(tenantId, apiKey.state, proof));
    if (tenant === undefined || held === undefined) return undefined;
    const { roleIds, teamIds, sessionId, expireTime, bound } = held;
    const sources = await sourcesOf(tenantId, id, roleIds, bound);
    const rights = shownInFull(joined(sources.map((source) => source.rights)), security.shownCollections);
    return {
      principal: {
        tenant: tenantId,
        actor: id,
        roles: sources.flatMap(({ roleId }) => (roleId === "" ? [] : [roleId])),
        teams: [...teamIds],
        grants: grantsOf(rights),
        policyVersion: policy?.state.policyVersion ?? 0,
        expireTime,
        language: user?.state.language || tenant.state.language,
        sessionId,
        allowedNetworks: [...security.networks],
        maskRules: maskRuleList(security.maskRules),
      },
      tenant: shown(tenant),
      user: user && shown(user),
      apiKey: apiKey?.state,
    };
  };
  const holdings: Callers["holdings"] = async (tenantId, id) => {
    const user = isUserId(id) ? (await stores.users.get(tenantId, id, everything))?.state : undefined;
    const apiKey = isUserId(id) ? undefined : (await stores.apiKeys.get(tenantId, id, everything))?.state;
    const record = user ?? apiKey;
    if (record === undefined) return undefined;
    const held = apiKey && (await heldApiKey(tenantId, apiKey, { sessionId: "" }));
    const sources = await sourcesOf(tenantId, id, record.roleIds, held?.bound);
    const isBarred = apiKey === undefined ? !user?.active || record.deleteTime !== undefined : held === undefined;
    const { shownCollections } = await securityOf(tenantId);
    const rights = shownInFull(joined(sources.map((source) => source.rights)), shownCollections);
    return { record, isBarred, teams: record.teamIds, sources, rights };
  };
  return { find, holdings };

  async function sourcesOf(
    tenantId: string,
    id: string,
    roleIds: readonly string[],
    bound: Rights | undefined,
  ): Promise<RightsSource[]> {
    const roles = await presentRecords(stores.roles.collection, tenantId, roleIds);
    const within = (rights: Rights): Rights => (bound === undefined ? rights : limited(rights, bound));
    return [
      ...[...roles].map(([roleId, { name, grants }]) => ({ roleId, roleName: name, rights: within(rightsOf(grants)) })),
      { roleId: "", roleName: "", rights: everyones },
      ...(isUserId(id) ? [{ roleId: "", roleName: "", rights: users }] : []),
    ];
  }

  async function heldSession(
    tenantId: string,
    user: UserState,
    security: Security,
    proof: Proof,
  ): Promise<Held | undefined> {
    if (!("sessionId" in proof) || proof.sessionId === "") return undefined;
    const session = await stores.sessions.get(tenantId, proof.sessionId, { kind: "own", ownerId: user.id });
    if (session === undefined || !isStanding(session.state, user, security, now())) return undefined;
    const { roleIds, teamIds } = user;
    return { roleIds, teamIds, sessionId: session.state.id, expireTime: limitOf(session.state, security) };
  }

  async function heldApiKey(tenantId: string, apiKey: ApiKeyState, proof: Proof): Promise<Held | undefined> {
    if ("digest" in proof && !sameSecret(apiKey.secretDigest, proof.digest)) return undefined;
    const { roleIds, teamIds, expireTime, revokeTime, deleteTime } = apiKey;
    if (revokeTime !== undefined || deleteTime !== undefined) return undefined;
    if (expireTime !== undefined && expireTime <= now()) return undefined;
    const bound = await boundOf(tenantId, apiKey);
    return bound === "nobody" ? undefined : { roleIds, teamIds, sessionId: "", expireTime, bound };
  }

  /**
   * What a key may do at most: its own permissions, and what the user may do who made it, also where keys made keys. A
   * key of a user who is gone is nobody's.
   */
  async function boundOf(tenantId: string, apiKey: ApiKeyState): Promise<Rights | "nobody" | undefined> {
    const { permissions } = apiKey;
    const chosen =
      permissions.length === 0 ? undefined : rightsOf(permissions.map((permission) => ({ permission, scope: "ALL" })));
    let { ownerId } = apiKey;
    for (let steps = 0; ownerId.startsWith("apikey_"); steps += 1) {
      const maker = steps < maxMakers ? await stores.apiKeys.get(tenantId, ownerId, everything) : undefined;
      if (maker === undefined) return "nobody";
      ownerId = maker.state.ownerId;
    }
    if (!isUserId(ownerId)) return chosen;
    const user = await stores.users.get(tenantId, ownerId, everything);
    if (user === undefined || !user.state.active || user.state.deleteTime !== undefined) return "nobody";
    const roles = await presentRecords(stores.roles.collection, tenantId, user.state.roleIds);
    const makers = joined([...roles.values()].map(({ grants }) => rightsOf(grants)));
    return chosen === undefined ? makers : limited(makers, chosen);
  }
};

const isUserId = (id: string): boolean => id.startsWith("user_");

/** What a credential gives that holds. */
type Held = {
  readonly roleIds: readonly string[];
  readonly teamIds: readonly string[];
  readonly sessionId: string;
  readonly expireTime: Date | undefined;
  /** What the rights that the roles give are cut down to. */
  readonly bound?: Rights | undefined;
};
