import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { Committed } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Contexts } from "../api/contexts.ts";
import type { Stores } from "../stores.ts";
import { tenantIdOf } from "../tenant.ts";
import { builtInRoleId, builtInRoles } from "./built-in-roles.ts";

/** Who may do everything in a new tenant. */
export type Administrator = { readonly name: string; readonly email: string; readonly passwordHash: string };

/** The tenant's first user. */
export const firstUserId = (tenant: string): string => derivedId("user", tenant, "first");

/** The platform acting in one tenant: it sees all there and may hand out all rights. */
export const platformScope = (scope: CommandScope, tenant: string): CommandScope => ({
  ...scope,
  tenant,
  visibility: { kind: "all" },
  authority: { grants: { "*": "all" }, teams: "all" },
});

export type SetUpTenant = (
  tenant: Tenant,
  administrator: Administrator,
  scope: CommandScope,
  options?: { readonly installed?: boolean },
) => Promise<Committed<Tenant> | DomainError>;

/**
 * Makes a tenant with its roles and its first user. The tenant's key is claimed first and every id follows from it, so
 * that repeating a call which was cut short completes it. Errors: TENANT_EXISTS once it is complete; those of the
 * records.
 */
export const setUpTenant =
  (stores: Stores, contexts: Contexts): SetUpTenant =>
  async (given, { name, email, passwordHash }, caller, { installed = false } = {}) => {
    const { tenants, roles, users } = stores;
    const tenant = tenantIdOf(given.key);
    const userId = firstUserId(tenant);
    const scope = platformScope(caller, tenant);
    const unkeyed: CommandScope = { ...scope, idempotency: undefined };

    const made = await tenants.create(
      { type: "CreateTenant", tenant: { ...given, ownerId: userId, teamId: "" } },
      scope,
      ({ now }) => ({ now }),
      tenant,
    );
    if (isDomainError(made) && made.reason !== "ALREADY_EXISTS") return made;
    const first = await users.get(tenant, userId, scope.visibility);
    if (isDomainError(made) && first?.state.passwordHash !== undefined) {
      return reject("TENANT_EXISTS", { key: given.key }, [{ field: "tenant.key", reason: "TENANT_EXISTS" }]);
    }

    for (const [id, role] of builtInRoles(tenant)) {
      const command = { type: "CreateRole", role: { ...role, ownerId: userId } } as const;
      const outcome = unlessThere(await roles.create(command, unkeyed, contexts.role, id));
      if (isDomainError(outcome)) return outcome;
    }
    if (first === undefined) {
      const user = User.fromPartial({ name, email, roleIds: [builtInRoleId(tenant, "admin")] });
      const outcome = unlessThere(await users.create({ type: "CreateUser", user }, unkeyed, contexts.user, userId));
      if (isDomainError(outcome)) return outcome;
    }
    if (first?.state.passwordHash === undefined) {
      const command = { type: "SetUserPassword", passwordHash, installed } as const;
      const outcome = await users.execute(userId, command, unkeyed, contexts.user);
      if (isDomainError(outcome)) return outcome;
    }
    return (await tenants.get(tenant, tenant, scope.visibility)) ?? reject("NOT_FOUND", { id: tenant });
  };

/** A record that is there already is as good as made. */
const unlessThere = <Outcome>(outcome: Outcome | DomainError): Outcome | DomainError | undefined =>
  isDomainError(outcome) && outcome.reason === "ALREADY_EXISTS" ? undefined : outcome;
