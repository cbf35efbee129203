import { edited } from "@keynode/decider/crud";
import { reject } from "@keynode/decider/domain-error";
import type { UserRule } from "../command.ts";
import { grantLimit, provisioned } from "../provisioning.ts";

/** How roles that come with membership in SCIM's groups are told from others. */
export const scimSource = "scim";

/**
 * Puts a user into teams and takes them out of others, with the roles that the teams' groups give. What is so already
 * yields []. Errors: SCIM_TOO_MANY beyond fifty teams.
 */
export const changeTeams: UserRule<"ChangeTeams"> = ({ joined, left }, state, context) => {
  const { references, groupRoleIds = [] } = context;
  const kept = state.teamIds.filter((id) => !left.includes(id));
  const teamIds = [...kept, ...joined.filter((id) => references.teams.has(id) && !kept.includes(id))];
  if (teamIds.length > grantLimit) return reject("SCIM_TOO_MANY", { id: state.id, limit: String(grantLimit) });
  const after = provisioned(
    { ...state, teamIds },
    { source: scimSource, roleIds: groupRoleIds, teamIds: [] },
    references,
  );
  const changes = { ...state, roleIds: after.roleIds, teamIds: after.teamIds };
  return [
    ...edited("User", state, changes, ["role_ids", "team_ids"], context),
    ...(after.isNews
      ? [
          {
            type: "UserProvisioned" as const,
            source: scimSource,
            roleIds: [...after.provision.roleIds],
            teamIds: [],
          },
        ]
      : []),
  ];
};
