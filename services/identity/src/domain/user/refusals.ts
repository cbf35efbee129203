import type { User } from "@keynode/contracts/crm/identity/v1/user";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { type References, refuseRoles, refuseTeams } from "../references.ts";

/** Refuses roles, teams and a manager that a user gets anew and that the tenant does not have. */
export const refuseReferences = (
  after: User,
  before: User | undefined,
  references: References,
): DomainError | undefined =>
  refuseRoles({ ids: after.roleIds, held: before?.roleIds ?? [], field: "user.role_ids" }, references) ??
  refuseTeams({ ids: after.teamIds, held: before?.teamIds ?? [], field: "user.team_ids" }, references) ??
  refuseManager(after.managerId, before?.managerId, references);

const refuseManager = (
  managerId: string,
  before: string | undefined,
  { users }: References,
): DomainError | undefined => {
  if (managerId === "" || managerId === before || users.has(managerId)) return undefined;
  const reason = "MANAGER_NOT_FOUND";
  return reject(reason, { managerId }, [{ field: "user.manager_id", reason }]);
};

/** Refuses what would shut callers out themselves. */
export const refuseSelf = (id: string, actor: string): DomainError | undefined =>
  id === actor ? reject("USER_IS_CALLER", { id }) : undefined;

/** What was given as the present password is another. */
export const passwordWrong = (): DomainError =>
  reject("PASSWORD_WRONG", {}, [{ field: "current_password", reason: "PASSWORD_WRONG" }]);
