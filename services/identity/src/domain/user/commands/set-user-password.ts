import { refuseSuperior } from "../../references.ts";
import type { UserRule } from "../command.ts";

/** Ends all of the user's sessions. Errors: ROLE_EXCEEDS_CALLER when the user may do what the caller may not. */
export const setUserPassword: UserRule<"SetUserPassword"> = ({ passwordHash, installed }, state, { now, references }) =>
  refuseSuperior(state, references) ?? [
    {
      type: "UserPasswordSet",
      setTime: now,
      keptSessionId: "",
      passwordHash,
      installedHash: installed ? passwordHash : undefined,
    },
  ];
