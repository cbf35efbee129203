/**
 * The records that an actor may see, or change; put into every read as a predicate and asked before every command,
 * evaluated at read time.
 */
export type Visibility =
  | { readonly kind: "all" }
  | { readonly kind: "own"; readonly ownerId: string; readonly shared?: SharedRecords | undefined }
  | {
      readonly kind: "team";
      readonly ownerId: string;
      /** The actor's teams and everything below them. */
      readonly teamIds: readonly string[];
      /** How many teams the tenant has: whether the actor sees most of them or few decides how lists are read. */
      readonly teamCount?: number | undefined;
      readonly shared?: SharedRecords | undefined;
    };

/** Ids of the records that others share with the actor. */
export type SharedRecords = ReadonlySet<string>;

/** What the rules look at of a record. */
export type Visible = { readonly id: string; readonly ownerId: string; readonly teamId: string };

/** What lets an actor at a record. */
export type AccessRule = "all" | "own" | "team" | "shared";

/** The rule that lets the actor at the record, the plainest first; undefined when none does. */
export const ruleFor = (visibility: Visibility, { id, ownerId, teamId }: Visible): AccessRule | undefined => {
  if (visibility.kind === "all") return "all";
  if (ownerId === visibility.ownerId) return "own";
  if (visibility.kind === "team" && visibility.teamIds.includes(teamId)) return "team";
  return visibility.shared?.has(id) ? "shared" : undefined;
};

/**
 * Whether the actor may see the record (law 8). Every surface asks this or puts the same rule into its query: gets,
 * commands, streams of events.
 */
export const maySee = (visibility: Visibility, record: Visible): boolean => ruleFor(visibility, record) !== undefined;
