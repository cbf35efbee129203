import type { DomainError } from "@keynode/decider/domain-error";
import type { UserCommand } from "../command.ts";
import type { UserContext } from "../context.ts";
import type { UserEvent } from "../events.ts";
import { refuseReferences } from "../refusals.ts";
import type { UserState } from "../state.ts";

/** A user is their own owner. Errors: ROLE_NOT_FOUND, ROLE_EXCEEDS_CALLER, TEAM_NOT_FOUND, MANAGER_NOT_FOUND. */
export const createUser = (
  { user }: Extract<UserCommand, { type: "CreateUser" }>,
  _state: UserState | undefined,
  { id, references }: UserContext,
): readonly UserEvent[] | DomainError =>
  user === undefined
    ? []
    : (refuseReferences(user, undefined, references) ?? [
        { type: "UserCreated", user: { ...user, ownerId: id, teamId: user.teamIds[0] ?? "", active: true } },
      ]);
