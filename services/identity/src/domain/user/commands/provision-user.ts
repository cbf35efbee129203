import { edited } from "@keynode/decider/crud";
import { isSame } from "@keynode/decider/record";
import type { UserRule } from "../command.ts";
import type { Provision } from "../state.ts";

/** Roles, and teams, that a user may have: as many as a request may name. */
const limit = 50;

/**
 * Gives what a directory's groups give now and takes back what it gave before, unless another directory gives it too;
 * what people gave by hand stays. Roles and teams that the tenant does not have are left out. The same again yields [].
 */
export const provisionUser: UserRule<"ProvisionUser"> = (command, state, context) => {
  const { roles, teams } = context.references;
  const provision: Provision = {
    source: command.source,
    roleIds: command.roleIds.filter((id) => roles.has(id)).slice(0, limit),
    teamIds: command.teamIds.filter((id) => teams.has(id)).slice(0, limit),
  };
  const provisions = state.provisions ?? [];
  const before = provisions.find(({ source }) => source === provision.source) ?? none(provision.source);
  if (isSame(before, provision)) return [];
  const others = provisions.filter(({ source }) => source !== provision.source);
  const changes = {
    ...state,
    roleIds: exchanged(
      state.roleIds,
      before.roleIds,
      provision.roleIds,
      others.flatMap(({ roleIds }) => roleIds),
    ),
    teamIds: exchanged(
      state.teamIds,
      before.teamIds,
      provision.teamIds,
      others.flatMap(({ teamIds }) => teamIds),
    ),
  };
  return [
    ...edited("User", state, changes, ["role_ids", "team_ids"], context),
    {
      type: "UserProvisioned",
      source: provision.source,
      roleIds: [...provision.roleIds],
      teamIds: [...provision.teamIds],
    },
  ];
};

const none = (source: string): Provision => ({ source, roleIds: [], teamIds: [] });

const exchanged = (
  held: readonly string[],
  before: readonly string[],
  now: readonly string[],
  byOthers: readonly string[],
): string[] => {
  const kept = held.filter((id) => !before.includes(id) || now.includes(id) || byOthers.includes(id));
  return [...kept, ...now.filter((id) => !kept.includes(id))].slice(0, limit);
};
