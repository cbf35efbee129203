import type { CommandScope } from "@keynode/aggregate/command-scope";
import { normaliseEmail } from "@keynode/api/contact-point";
import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { isDomainError } from "@keynode/decider/domain-error";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter } from "mongodb";
import type { Contexts } from "../api/contexts.ts";
import type { IdentityConfig } from "../config.ts";
import { apiKeyIdOf, digestOf, prefixOf } from "../credential/credential.ts";
import { hashPassword, isPassword } from "../credential/password.ts";
import type { ApiKeyState } from "../domain/api-key/api-key.ts";
import { platformPasswords } from "../domain/security-settings/security-settings.ts";
import { refuseWeakPassword } from "../domain/user/password-weakness.ts";
import type { Stores } from "../stores.ts";
import { tenantIdOf } from "../tenant.ts";
import { builtInRoleId } from "./built-in-roles.ts";
import { firstUserId, platformScope, setUpTenant } from "./set-up-tenant.ts";

/** How long a start may take to make what an installation begins with. */
const deadlineMs = 60_000;

const installer = "service:identity";
const administratorName = "Administrator";

/**
 * Makes the tenant that an installation begins with, as its environment names it: an administrator and, if given, an API
 * key with all rights. A start with the same environment changes nothing, also where people have changed these records
 * since; one with another address, password or key puts the new one in place of the last. Throws when it is refused.
 */
export const bootstrap = async (
  { SEED_TENANT: key, SEED_ADMIN_EMAIL: address, SEED_ADMIN_PASSWORD: password, SEED_API_KEY: apiKey }: IdentityConfig,
  stores: Stores,
  contexts: Contexts,
  now: () => Date,
): Promise<void> => {
  if (key === undefined || address === undefined || password === undefined) return;
  const email = normaliseEmail(address);
  accepted(refuseWeakPassword(password, { name: administratorName, email }, "SEED_ADMIN_PASSWORD", platformPasswords));
  const tenant = tenantIdOf(key);
  const scope = platformScope(
    { tenant, actor: installer, visibility: { kind: "all" }, deadline: new Date(now().getTime() + deadlineMs) },
    tenant,
  );
  await installTenant(key, email, password, scope);
  if (apiKey !== undefined) await installApiKey(apiKey, scope);

  async function installTenant(tenantKey: string, adminEmail: string, secret: string, by: CommandScope): Promise<void> {
    const id = firstUserId(by.tenant);
    const found = await stores.users.get(by.tenant, id, by.visibility);
    if (found?.state.passwordHash === undefined) {
      const administrator = { name: administratorName, email: adminEmail, passwordHash: await hashPassword(secret) };
      const made = Tenant.fromPartial({ key: tenantKey, name: tenantKey });
      const outcome = await setUpTenant(stores, contexts)(made, administrator, by, { installed: true });
      // Another replica that starts at the same moment has made it.
      if (!isDomainError(outcome) || outcome.reason !== "TENANT_EXISTS") accepted(outcome);
      return;
    }
    if (found.state.deleteTime !== undefined) return;
    if (!(await isPassword(secret, found.state.installedHash))) {
      const passwordHash = await hashPassword(secret);
      accepted(
        await stores.users.execute(id, { type: "SetUserPassword", passwordHash, installed: true }, by, contexts.user),
      );
    }
    if (found.state.email !== adminEmail) {
      const user = User.fromPartial({ id, email: adminEmail });
      accepted(await stores.users.execute(id, { type: "UpdateUser", user, updateMask: ["email"] }, by, contexts.user));
    }
  }

  async function installApiKey(secret: string, by: CommandScope): Promise<void> {
    const prefix = prefixOf(secret);
    const id = apiKeyIdOf(prefix);
    if ((await stores.apiKeys.get(by.tenant, id, by.visibility)) === undefined) {
      const made = ApiKey.fromPartial({
        ownerId: installer,
        name: "Installation",
        roleIds: [builtInRoleId(by.tenant, "admin")],
        prefix,
      });
      const command = { type: "CreateApiKey", apiKey: made, secretDigest: digestOf(secret) } as const;
      const outcome = await stores.apiKeys.create(command, by, contexts.apiKey, id);
      if (!isDomainError(outcome) || outcome.reason !== "ALREADY_EXISTS") accepted(outcome);
    }
    const earlier: Filter<AggregateDocument<ApiKeyState>> = { tenant: by.tenant, "state.ownerId": installer };
    for await (const { _id, state } of stores.apiKeys.collection.find(earlier)) {
      if (_id === id || state.revokeTime !== undefined) continue;
      accepted(await stores.apiKeys.execute(_id, { type: "RevokeApiKey", id: _id, etag: "" }, by, contexts.apiKey));
    }
  }
};

const accepted = (outcome: unknown): void => {
  if (isDomainError(outcome)) throw new Error(`the installation's tenant was refused: ${outcome.reason}`);
};
