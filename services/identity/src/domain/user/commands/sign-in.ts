import { reject } from "@keynode/decider/domain-error";
import type { UserRule } from "../command.ts";

/**
 * Opens a session. Errors: SIGN_IN_FAILED for a user who is barred, also when the password was changed since it was
 * looked at; ALREADY_EXISTS for a session that an earlier call opened, whose token nobody can show again.
 */
export const signIn: UserRule<"SignIn"> = ({ session, verifiedHash }, state, { now }) => {
  const isBarred = !state.active || state.deleteTime !== undefined;
  if (isBarred || state.passwordHash !== verifiedHash) return reject("SIGN_IN_FAILED");
  const { id, tokenDigest, expireTime } = session;
  const known = state.sessions?.find((each) => each.id === id);
  if (known === undefined) return [{ type: "UserSignedIn", sessionId: id, signInTime: now, expireTime, tokenDigest }];
  return known.tokenDigest === tokenDigest ? [] : reject("ALREADY_EXISTS", { id });
};
