import { type TeamTree, teamTree } from "@keynode/auth/team-tree";
import { heldByTenant } from "../copies/held-by-tenant.ts";
import type { PeopleCopy } from "../copies/people.ts";

/** The tenants' trees of teams in memory, as the service's copy of them has it. */
export type TeamTrees = {
  of(tenant: string): Promise<TeamTree>;
  /** A team of the tenant has moved. */
  moved(tenant: string): void;
  /** Moves may have gone unheard. */
  forget(): void;
};

export const openTeamTrees = (copy: PeopleCopy, clockMs?: () => number): TeamTrees => {
  const { of, changed, forget } = heldByTenant(async (tenant): Promise<TeamTree> => {
    const rows = await copy.tables().teams.find({ tenant }).toArray();
    return teamTree(
      new Map(rows.map(({ _id, parentTeamId }) => [_id, parentTeamId])),
      new Set(rows.flatMap(({ _id, isDeleted }) => (isDeleted ? [_id] : []))),
    );
  }, clockMs);
  return { of, moved: changed, forget };
};
