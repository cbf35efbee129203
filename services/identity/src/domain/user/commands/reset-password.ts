import { reject } from "@keynode/decider/domain-error";
import type { UserRule } from "../command.ts";

/** Uses a link up and ends all of the user's sessions. Errors: LINK_INVALID, also when it was used since it was looked at. */
export const resetPassword: UserRule<"ResetPassword"> = ({ linkId, passwordHash }, { link, active }, { now }) =>
  active && link !== undefined && link.id === linkId && link.expireTime > now
    ? [{ type: "UserPasswordSet", setTime: now, keptSessionId: "", passwordHash }]
    : reject("LINK_INVALID");
