import { boundedCache } from "@keynode/auth/bounded-cache";
import { type TeamTree, teamTree } from "@keynode/auth/team-tree";
import type { PeopleCopy } from "../copies/people.ts";

/** Tenants whose tree is held in memory. */
const heldTenants = 1_000;
/** A tree is read anew after so long even if nothing was heard of a move: the bus may have been away. */
const heldMs = 60_000;
/** For so long after a move was heard the copy may lack it, and the tree is read again and again. */
const unsettledMs = 2_000;
const rereadMs = 100;

/** The tenants' trees of teams in memory, as the service's copy of them has it. */
export type TeamTrees = {
  of(tenant: string): Promise<TeamTree>;
  /** A team of the tenant has moved. */
  moved(tenant: string): void;
  /** Moves may have gone unheard. */
  forget(): void;
};

export const openTeamTrees = (copy: PeopleCopy, clockMs: () => number = () => performance.now()): TeamTrees => {
  type Held = { readonly tree: Promise<TeamTree>; readonly untilMs: number };
  let held = boundedCache<Held>(heldTenants);
  const movedMs = boundedCache<number>(heldTenants);

  const read = async (tenant: string): Promise<TeamTree> => {
    const rows = await copy.tables().teams.find({ tenant }).toArray();
    return teamTree(
      new Map(rows.map(({ _id, parentTeamId }) => [_id, parentTeamId])),
      new Set(rows.flatMap(({ _id, isDeleted }) => (isDeleted ? [_id] : []))),
    );
  };

  return {
    of: (tenant) => {
      const nowMs = clockMs();
      const known = held.get(tenant);
      if (known !== undefined && nowMs < known.untilMs) return known.tree;
      const isUnsettled = nowMs < (movedMs.get(tenant) ?? Number.NEGATIVE_INFINITY) + unsettledMs;
      const tree = read(tenant);
      held.set(tenant, { tree, untilMs: nowMs + (isUnsettled ? rereadMs : heldMs) });
      tree.catch(() => held.delete(tenant));
      return tree;
    },
    moved: (tenant) => {
      movedMs.set(tenant, clockMs());
      held.delete(tenant);
    },
    forget: () => {
      held = boundedCache<Held>(heldTenants);
    },
  };
};
