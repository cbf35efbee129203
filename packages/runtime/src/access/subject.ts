import type { Grants, Principal, Scope } from "@keynode/auth/principal";
import type { AccessSubject } from "@keynode/contracts/crm/chassis/v1/access_service";

/** Somebody about whom another service is asked. */
export const subjectOf = ({ actor, teams, grants }: Pick<Principal, "actor" | "teams" | "grants">): AccessSubject => ({
  actor,
  teams: [...teams],
  grants: Object.entries(grants).map(([permission, scope]) => ({ permission, scope })),
});

/** Somebody whom another service asks about, as that one's internal token would name them. */
export const principalOf = (tenant: string, subject: AccessSubject | undefined): Principal => ({
  tenant,
  actor: subject?.actor ?? "",
  roles: [],
  teams: subject?.teams ?? [],
  grants: Object.fromEntries(
    (subject?.grants ?? []).map(({ permission, scope }) => [permission, scope as Scope]),
  ) as Grants,
  policyVersion: 0,
});
