import { reject } from "@keynode/decider/domain-error";
import type { UserRule } from "../command.ts";

/** Identities that a user may have. */
const limit = 10;

/** Linking again yields []. Errors: TOO_MANY_IDENTITIES. */
export const linkIdentity: UserRule<"LinkIdentity"> = ({ identity }, { id, identities = [] }, { now }) => {
  const { issuer, subject } = identity;
  if (identities.some((each) => each.issuer === issuer && each.subject === subject)) return [];
  return identities.length < limit
    ? [{ type: "UserIdentityLinked", ...identity, linkTime: now }]
    : reject("TOO_MANY_IDENTITIES", { id, limit: String(limit) });
};
