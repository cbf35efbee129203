/** How the teams of a tenant stand below one another. Teams it has not heard of stand alone. */
export type TeamTree = {
  /** How many teams there are. */
  readonly size: number;
  /** Whether there is such a team; not, once it is deleted. */
  has(teamId: string): boolean;
  /** The teams and everything below them, each once. */
  subtree(teamIds: readonly string[]): readonly string[];
  /** The teams and everything above them, each once. */
  lineage(teamIds: readonly string[]): readonly string[];
  /** From the nearest of `ancestors` down to the team, both included; undefined when it is below none of them. */
  path(ancestors: readonly string[], teamId: string): readonly string[] | undefined;
};

/** Lists of teams whose subtree is remembered: callers of one team ask for the same again and again. */
const rememberedSubtrees = 1_000;

/**
 * Builds the tree from each team's parent, `""` for a team at the top. A deleted team still holds together what is above
 * and below it. Bears circles, which two moves at once may leave.
 */
export const teamTree = (parents: ReadonlyMap<string, string>, deleted: ReadonlySet<string> = new Set()): TeamTree => {
  const children = new Map<string, string[]>();
  for (const [id, parent] of parents) {
    if (parent !== "") children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  const subtrees = new Map<string, readonly string[]>();

  const lineageOf = (teamId: string): readonly string[] => {
    const lineage = new Set<string>();
    for (let id = teamId; id !== "" && !lineage.has(id); id = parents.get(id) ?? "") lineage.add(id);
    return [...lineage];
  };

  const below = (teamIds: readonly string[]): readonly string[] => {
    const found = new Set(teamIds);
    // A set's iteration reaches what is added while it runs.
    for (const id of found) for (const child of children.get(id) ?? []) found.add(child);
    return [...found];
  };

  return {
    size: parents.size - deleted.size,
    has: (teamId) => parents.has(teamId) && !deleted.has(teamId),
    subtree: (teamIds) => {
      const key = teamIds.join();
      const known = subtrees.get(key);
      if (known !== undefined) return known;
      const found = below(teamIds);
      if (subtrees.size < rememberedSubtrees) subtrees.set(key, found);
      return found;
    },
    lineage: (teamIds) => [...new Set(teamIds.flatMap(lineageOf))],
    path: (ancestors, teamId) => {
      const lineage = lineageOf(teamId);
      const length = lineage.findIndex((id) => ancestors.includes(id)) + 1;
      return length === 0 ? undefined : lineage.slice(0, length).toReversed();
    },
  };
};

/** The tree of a tenant of which no team is known. */
export const noTeams: TeamTree = teamTree(new Map());
