import type { Call } from "@keynode/grpc/call";

/** Whose a record is. */
export type Belonging = { readonly ownerId: string; readonly teamId: string };

/**
 * Fills in whose record a new one is: its parent's owner's and team's, or without a parent the caller's and the
 * caller's first team's, unless the request says otherwise. That the caller's right reaches those whom the request
 * names was seen when the call was let in.
 */
export const ownedBy = <Record_ extends { ownerId: string; teamId: string }>(
  { actor, principal }: Pick<Call, "actor" | "principal">,
  record: Record_,
  parent: Belonging = { ownerId: actor, teamId: principal.teams[0] ?? "" },
): Record_ => ({
  ...record,
  ownerId: record.ownerId || parent.ownerId,
  teamId: record.teamId || parent.teamId,
});
