import { edited } from "@keynode/decider/crud";
import type { UserRule } from "../command.ts";
import { provisioned } from "../provisioning.ts";

/** Gives what a directory's groups give now and takes back what it gave before. The same again yields []. */
export const provisionUser: UserRule<"ProvisionUser"> = ({ source, roleIds, teamIds }, state, context) => {
  const after = provisioned(state, { source, roleIds, teamIds }, context.references);
  if (!after.isNews) return [];
  const changes = { ...state, roleIds: after.roleIds, teamIds: after.teamIds };
  return [
    ...edited("User", state, changes, ["role_ids", "team_ids"], context),
    {
      type: "UserProvisioned",
      source,
      roleIds: [...after.provision.roleIds],
      teamIds: [...after.provision.teamIds],
    },
  ];
};
