import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";

/**
 * Fills in whose record a new one is: the caller's and the caller's first team's, unless the request says otherwise.
 * Errors: PERMISSION_DENIED when the caller could not see the record then.
 */
export const ownedBy = <Record_ extends { ownerId: string; teamId: string }>(
  { actor, principal, visibility }: Call,
  record: Record_,
): Record_ | DomainError => {
  const ownerId = record.ownerId || actor;
  const teamId = record.teamId || (principal.teams[0] ?? "");
  const reachable =
    visibility.kind === "all" ||
    ownerId === visibility.ownerId ||
    (visibility.kind === "team" && visibility.teamIds.includes(teamId));
  return reachable ? { ...record, ownerId, teamId } : reject("PERMISSION_DENIED");
};
