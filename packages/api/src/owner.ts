import type { Call } from "@keynode/grpc/call";

/**
 * Fills in whose record a new one is: the caller's and the caller's first team's, unless the request says otherwise.
 * That the caller's right reaches those whom it names was seen when the call was let in.
 */
export const ownedBy = <Record_ extends { ownerId: string; teamId: string }>(
  { actor, principal }: Pick<Call, "actor" | "principal">,
  record: Record_,
): Record_ => ({
  ...record,
  ownerId: record.ownerId || actor,
  teamId: record.teamId || (principal.teams[0] ?? ""),
});
