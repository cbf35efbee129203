import type { Attempt, ContextFor } from "@keynode/aggregate/store";
import type { Grants } from "@keynode/auth/principal";
import type { ApiKeyCommand, ApiKeyContext, ApiKeyState } from "../domain/api-key/api-key.ts";
import type {
  IdentityProviderCommand,
  IdentityProviderContext,
  IdentityProviderState,
} from "../domain/identity-provider/identity-provider.ts";
import type { CustomFieldCommand, CustomFieldContext, CustomFieldState } from "../domain/custom-field/custom-field.ts";
import { heldLimit } from "../domain/custom-field/decide.ts";
import type { References } from "../domain/references.ts";
import { exceeds, type Rights, rightsOf } from "../domain/rights.ts";
import type { RoleContext } from "../domain/role/role.ts";
import type { TeamCommand, TeamContext, TeamState } from "../domain/team/team.ts";
import type { UserCommand } from "../domain/user/command.ts";
import type { UserContext } from "../domain/user/context.ts";
import type { UserState } from "../domain/user/state.ts";
import type { CustomFieldStore } from "../custom-field.ts";
import { groupRoles } from "../sign-on/group-roles.ts";
import { presentRecords } from "../present.ts";
import type { Stores } from "../stores.ts";

/** What decisions of this service may know, looked up for each attempt. */
export type Contexts = {
  readonly role: (attempt: Attempt) => RoleContext;
  readonly team: ContextFor<TeamState, TeamContext, TeamCommand>;
  readonly user: ContextFor<UserState, UserContext, UserCommand>;
  readonly apiKey: ContextFor<ApiKeyState, ApiKeyContext, ApiKeyCommand>;
  readonly identityProvider: ContextFor<IdentityProviderState, IdentityProviderContext, IdentityProviderCommand>;
  readonly customField: ContextFor<CustomFieldState, CustomFieldContext, CustomFieldCommand>;
};

/** Parents above a team that are looked at; whatever is deeper is taken for a circle's. */
const maxDepth = 100;

export const contexts = (
  stores: Pick<Stores, "users" | "teams" | "roles" | "identityProviders" | "customFields">,
): Contexts => {
  const { users, teams, roles } = stores;
  const rolesOfTeams = groupRoles(stores);

  const references = async (
    { tenant, authority: { grants, teams: own } }: Attempt,
    { roleIds, teamIds, userIds }: NamedIds,
  ): Promise<References> => {
    const [knownRoles, knownTeams, knownUsers] = await Promise.all([
      presentRecords(roles.collection, tenant, roleIds),
      presentRecords(teams.collection, tenant, teamIds),
      presentRecords(users.collection, tenant, userIds),
    ]);
    const callerRights = rightsOfCaller(grants);
    return {
      roles: new Map(
        [...knownRoles].map(([id, role]) => [id, { exceedsCaller: exceeds(rightsOf(role.grants), callerRights) }]),
      ),
      teams: new Set(knownTeams.keys()),
      callerTeams: own,
      users: new Set(knownUsers.keys()),
      activeUsers: new Set([...knownUsers].flatMap(([id, { active }]) => (active ? [id] : []))),
    };
  };

  const lineage = async (tenant: string, parentId: string): Promise<string[]> => {
    const ids: string[] = [];
    for (let id = parentId; id !== "" && ids.length < maxDepth && !ids.includes(id); ) {
      const team: TeamState | undefined = (await teams.get(tenant, id, { kind: "all" }))?.state;
      // A deleted team takes no parts, but still holds together what is above and below it.
      if (team === undefined || (team.deleteTime !== undefined && ids.length === 0)) break;
      ids.push(id);
      id = team.parentTeamId;
    }
    return ids;
  };

  return {
    role: ({ now, authority }) => ({ now, callerRights: rightsOfCaller(authority.grants) }),
    team: async ({ id, tenant, now }, _state, command) => ({
      id,
      now,
      lineage: "team" in command ? await lineage(tenant, command.team?.parentTeamId ?? "") : [],
    }),
    user: async (attempt, state, command) => {
      const { id, now, actor, tenant } = attempt;
      const named = namedByUser(command, state);
      if (command.type !== "ChangeTeams") return { id, now, actor, references: await references(attempt, named) };
      const groupRoleIds = await rolesOfTeams(tenant, named.teamIds);
      return {
        id,
        now,
        actor,
        groupRoleIds,
        references: await references(attempt, { ...named, roleIds: groupRoleIds }),
      };
    },
    apiKey: async (attempt, _state, command) => {
      const { now, actor } = attempt;
      const { roleIds, teamIds } = command.type === "CreateApiKey" ? command.apiKey : nothing;
      return { now, actor, references: await references(attempt, { roleIds, teamIds, userIds: [] }) };
    },
    customField: async ({ id, tenant, now }, state, command) => {
      const named = [state, "customField" in command ? command.customField : undefined].filter(
        (each) => each !== undefined,
      );
      const { collection = "" } = named[0] ?? {};
      const roleIds = named.flatMap(({ readerRoleIds, writerRoleIds }) => [...readerRoleIds, ...writerRoleIds]);
      const [known, fields] = await Promise.all([
        presentRecords(roles.collection, tenant, roleIds),
        everyFieldOf(stores.customFields, tenant, collection),
      ]);
      const others = fields.filter((field) => field.id !== id);
      return {
        now,
        roles: new Set(known.keys()),
        others: others.filter(({ deleteTime }) => deleteTime === undefined),
        held: others.length,
        slots: new Set(others.map(({ sortSlot }) => sortSlot)),
      };
    },
    identityProvider: async (attempt, state, command) => {
      const mappings = [state, "identityProvider" in command ? command.identityProvider : undefined].flatMap(
        (provider) => provider?.groupMappings ?? [],
      );
      const roleIds = mappings.flatMap((mapping) => mapping.roleIds);
      const teamIds = mappings.flatMap((mapping) => mapping.teamIds);
      return {
        now: attempt.now,
        references: await references(attempt, { roleIds, teamIds, userIds: [] }),
        callerMayAll: !exceeds(everything, rightsOfCaller(attempt.authority.grants)),
      };
    },
  };
};

/** The fields that a tenant has given to a collection, but for deleted ones. */
export const fieldsOf = async (fields: CustomFieldStore, tenant: string, collection: string) =>
  (await everyFieldOf(fields, tenant, collection)).filter(({ deleteTime }) => deleteTime === undefined);

const everyFieldOf = async ({ collection: fields }: CustomFieldStore, tenant: string, collection: string) => {
  const found = await fields
    .find({ tenant, "state.collection": collection }, { projection: { state: 1 } })
    .limit(heldLimit)
    .toArray();
  return found.map(({ state }) => state);
};

/** Every permission on every record. */
const everything = rightsOf([{ permission: "*", scope: "ALL" }]);

type NamedIds = {
  readonly roleIds: readonly string[];
  readonly teamIds: readonly string[];
  readonly userIds: readonly string[];
};

const nothing: NamedIds = { roleIds: [], teamIds: [], userIds: [] };

const namedByUser = (command: UserCommand, state: UserState | undefined): NamedIds => {
  switch (command.type) {
    case "CreateUser":
    case "UpdateUser": {
      const { roleIds = [], teamIds = [], managerId = "" } = command.user ?? {};
      // Those that the user has already are looked up too: they tell whether the caller may do as much.
      return {
        roleIds: [...roleIds, ...(state?.roleIds ?? [])],
        teamIds,
        userIds: managerId === "" ? [] : [managerId],
      };
    }
    case "ProvisionUser":
      return { roleIds: command.roleIds, teamIds: command.teamIds, userIds: [] };
    case "OffboardUser":
      return { ...nothing, roleIds: state?.roleIds ?? [], userIds: [command.successorId] };
    case "ChangeTeams": {
      const held = state?.teamIds.filter((id) => !command.left.includes(id)) ?? [];
      return { ...nothing, teamIds: [...held, ...command.joined] };
    }
    case "DeactivateUser":
    case "DeleteUser":
    case "SetUserPassword":
      return { ...nothing, roleIds: state?.roleIds ?? [] };
    default:
      return nothing;
  }
};

/** What the actor may do, in the words of roles. */
const rightsOfCaller = (grants: Grants): Rights =>
  rightsOf(Object.entries(grants).map(([permission, scope]) => ({ permission, scope: scopeNames[scope] })));

const scopeNames = { own: "OWN", team: "TEAM", all: "ALL" } as const;
