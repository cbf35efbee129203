import { presentRecords } from "../present.ts";
import type { Stores } from "../stores.ts";
import { rightsOfGroups } from "./group-rights.ts";

/** Providers of one tenant whose mappings are looked at. */
const maxProviders = 100;

/** The roles that the mappings of a tenant's identity providers give to members of teams, known by name or external key. */
export const groupRoles =
  ({ teams, identityProviders }: Pick<Stores, "teams" | "identityProviders">) =>
  async (tenant: string, teamIds: readonly string[]): Promise<string[]> => {
    const members = await presentRecords(teams.collection, tenant, teamIds);
    if (members.size === 0) return [];
    const providers = await identityProviders.collection
      .find({ tenant, "state.enabled": true, "state.deleteTime": null } as never)
      .limit(maxProviders)
      .toArray();
    const groups = new Set([...members.values()].flatMap(({ name, externalKey }) => [name, externalKey]));
    groups.delete("");
    const given = providers.flatMap(({ state }) => rightsOfGroups(state.groupMappings, groups).roleIds);
    return [...new Set(given)];
  };
