import { reject } from "@keynode/decider/domain-error";
import type { UserRule } from "../command.ts";

/** Takes the place of an invitation before it. Repeating one yields []. Errors: USER_HAS_PASSWORD. */
export const inviteUser: UserRule<"InviteUser"> = ({ link }, state, { actor }) => {
  if (state.link?.id === link.id) return [];
  if (state.passwordHash !== undefined) return reject("USER_HAS_PASSWORD", { id: state.id });
  const { id: invitationId, digest: linkDigest, expireTime } = link;
  return [{ type: "UserInvited", invitationId, expireTime, invitedBy: actor, linkDigest }];
};
