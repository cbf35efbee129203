import { type DomainError, reject } from "@keynode/decider/domain-error";

/** What the tenant has of the records that a command names. */
export type References = {
  /** Whether a role grants more than the caller may do, by its id. */
  readonly roles: ReadonlyMap<string, { readonly exceedsCaller: boolean }>;
  readonly teams: ReadonlySet<string>;
  /** The teams that the caller may put others in. */
  readonly callerTeams: readonly string[] | "all";
  readonly users: ReadonlySet<string>;
  /** Those of the users who may sign in. */
  readonly activeUsers: ReadonlySet<string>;
};

/** A list of ids in a request: where it stands, and which of them the record has already. */
export type Named = { readonly ids: readonly string[]; readonly held?: readonly string[]; readonly field: string };

/** Errors: ROLE_NOT_FOUND, ROLE_EXCEEDS_CALLER. */
export const refuseRoles = (named: Named, references: Pick<References, "roles">): DomainError | undefined =>
  missing(named, references.roles, "ROLE_NOT_FOUND", "roleId") ?? refuseExcess(added(named), references);

const refuseExcess = (roleIds: readonly string[], { roles }: Pick<References, "roles">): DomainError | undefined => {
  const roleId = roleIds.find((id) => roles.get(id)?.exceedsCaller);
  return roleId === undefined ? undefined : reject("ROLE_EXCEEDS_CALLER", { roleId });
};

/** Errors: TEAM_NOT_FOUND, also for a team out of the caller's reach, through which others' records could be seen. */
export const refuseTeams = (
  named: Named,
  { teams, callerTeams }: Pick<References, "teams" | "callerTeams">,
): DomainError | undefined =>
  missing(named, { has: (id) => teams.has(id) && isReached(id, callerTeams) }, "TEAM_NOT_FOUND", "teamId");

/** Refuses to act as somebody who may do, or sees, what the caller may not. Errors: ROLE_EXCEEDS_CALLER. */
export const refuseSuperior = (
  { roleIds, teamIds }: { readonly roleIds: readonly string[]; readonly teamIds: readonly string[] },
  references: Pick<References, "roles" | "callerTeams">,
): DomainError | undefined =>
  refuseExcess(roleIds, references) ??
  (teamIds.every((id) => isReached(id, references.callerTeams)) ? undefined : reject("ROLE_EXCEEDS_CALLER"));

const isReached = (teamId: string, callerTeams: References["callerTeams"]): boolean =>
  callerTeams === "all" || callerTeams.includes(teamId);

const missing = (
  named: Named,
  known: { has(id: string): boolean },
  reason: string,
  key: string,
): DomainError | undefined => {
  const ids = added(named).filter((id) => !known.has(id));
  const [first] = ids;
  if (first === undefined) return undefined;
  const violations = ids.map((id) => ({ field: `${named.field}[${named.ids.indexOf(id)}]`, reason }));
  return reject(reason, { [key]: first }, violations);
};

const added = ({ ids, held = [] }: Named): string[] => ids.filter((id) => !held.includes(id));
