import { type DomainError, reject } from "@keynode/decider/domain-error";

/** What the tenant has of the records that a command names. */
export type References = {
  /** Whether a role grants more than the caller may do, by its id. */
  readonly roles: ReadonlyMap<string, { readonly exceedsCaller: boolean }>;
  readonly teams: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
};

/** A list of ids in a request: where it stands, and which of them the record has already. */
export type Named = { readonly ids: readonly string[]; readonly held?: readonly string[]; readonly field: string };

/** Errors: ROLE_NOT_FOUND, ROLE_EXCEEDS_CALLER. */
export const refuseRoles = (named: Named, references: Pick<References, "roles">): DomainError | undefined =>
  missing(named, references.roles, "ROLE_NOT_FOUND", "roleId") ?? refuseExcess(added(named), references);

/** Errors: ROLE_EXCEEDS_CALLER. */
export const refuseExcess = (
  roleIds: readonly string[],
  { roles }: Pick<References, "roles">,
): DomainError | undefined => {
  const roleId = roleIds.find((id) => roles.get(id)?.exceedsCaller);
  return roleId === undefined ? undefined : reject("ROLE_EXCEEDS_CALLER", { roleId });
};

/** Errors: TEAM_NOT_FOUND. */
export const refuseTeams = (named: Named, { teams }: Pick<References, "teams">): DomainError | undefined =>
  missing(named, teams, "TEAM_NOT_FOUND", "teamId");

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
