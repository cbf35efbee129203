import type { UserRule } from "../command.ts";

/** Takes the place of a link before it. A user who is barred gets none, and nobody is told. */
export const requestPasswordReset: UserRule<"RequestPasswordReset"> = ({ link }, { active }) =>
  active
    ? [
        {
          type: "UserPasswordResetRequested",
          resetId: link.id,
          expireTime: link.expireTime,
          linkDigest: link.digest,
        },
      ]
    : [];
