import { grantedScope, isServiceActor, type Principal, type Scope } from "./principal.ts";
import { noTeams, type TeamTree } from "./team-tree.ts";
import type { SharedRecords, Visibility } from "./visibility.ts";

/** What a method needs and does, as the contract declares it. */
export type Use = {
  readonly permission: string;
  readonly effect: "READ" | "WRITE" | "CREDENTIAL";
  /** True where only the caller's own reach counts, whatever is shared with it. */
  readonly ignoresShares?: boolean;
};

/** What a share lets its grantee do: see the record, or change it too. */
export type ShareAccess = "READ" | "WRITE";

/** A user as the rules on handing over see one. */
export type Member = { readonly active: boolean; readonly teamIds: readonly string[] };

/** What is known of a tenant besides the principal; asked during calls, so it answers from near by. */
export type AccessFacts = {
  readonly teamTree: (tenant: string) => Promise<TeamTree>;
  /** Ids of the records that live shares open to any of the grantees, users and teams, at least that far. */
  readonly sharedWith: (tenant: string, grantees: readonly string[], access: ShareAccess) => Promise<SharedRecords>;
  /** Undefined when the tenant has no such user; "unsure" while that cannot be told. */
  readonly member: (tenant: string, userId: string) => Promise<Member | "unsure" | undefined>;
  /** Whether the tenant has such a team, one that was made a moment ago too. */
  readonly team: (tenant: string, teamId: string) => Promise<boolean | "unsure">;
};

/** A right to a method, and the records that it reaches. */
export type Right = {
  readonly scope: Scope;
  readonly visibility: Visibility;
  /** What another right of the same principal reaches, of which only the scope is known. */
  readonly within: Reach;
};

/** The records that a scope reaches. */
export type Reach = (scope: Scope) => Visibility;

/** What a principal reaches in a tenant's tree of teams; what is shared with it adds to own and team. */
export const reachOf =
  ({ actor: ownerId, teams }: Pick<Principal, "actor" | "teams">, tree: TeamTree, shared?: SharedRecords): Reach =>
  (scope) => {
    if (scope === "all") return { kind: "all" };
    const others = shared === undefined ? {} : { shared };
    return scope === "own"
      ? { kind: "own", ownerId, ...others }
      : { kind: "team", ownerId, teamIds: tree.subtree(teams), teamCount: tree.size, ...others };
  };

/** Whom a request makes a record's: empty ids stand for what is left as it is. */
export type Assignment = { readonly ownerId: string; readonly teamId: string };

/**
 * What of an assignment is refused: there is no such user or team, none that the caller's right reaches, or nobody can tell
 * yet.
 */
export type AssignmentProblem = {
  readonly of: keyof Assignment;
  readonly reason: "NO_SUCH_OWNER" | "NO_SUCH_TEAM" | "OUT_OF_REACH" | "UNSURE";
};

/** The one engine that decides who may do what to which record. */
export type Access = {
  /** The principal's right to a method; undefined when no role grants its permission. */
  readonly rightTo: (principal: Principal, use: Use) => Promise<Right | undefined>;
  /**
   * What is wrong with making a record somebody's under a scope: `own` reaches the caller and the caller's teams,
   * `team` the subtree's members and teams, `all` every active user and every team of the tenant.
   */
  readonly assignmentProblems: (
    principal: Principal,
    scope: Scope,
    assignment: Assignment,
  ) => Promise<readonly AssignmentProblem[]>;
};

/**
 * Verbs that are the owner's, and of those who reach the owner: a share, however far it goes, lets nobody take a record
 * over, away from others, or hand it on to third ones.
 */
const ownersVerbs: ReadonlySet<string> = new Set(["delete", "undelete", "reassign", "share"]);

/** How far a share must go to count for a method; undefined where none does. */
export const shareNeededFor = ({ permission, effect, ignoresShares }: Use): ShareAccess | undefined => {
  if (ignoresShares) return undefined;
  if (ownersVerbs.has(permission.slice(permission.lastIndexOf(".") + 1))) return undefined;
  return effect === "CREDENTIAL" ? undefined : effect;
};

export const createAccess = ({ teamTree, sharedWith, member, team }: AccessFacts): Access => {
  const sharedTo = async (
    { tenant, actor, teams }: Principal,
    use: Use,
    tree: TeamTree,
  ): Promise<SharedRecords | undefined> => {
    const needed = shareNeededFor(use);
    if (needed === undefined) return undefined;
    const found = await sharedWith(tenant, [actor, ...tree.lineage(teams)], needed);
    return found.size === 0 ? undefined : found;
  };

  return {
    rightTo: async (principal, use) => {
      const scope = grantedScope(principal, use.permission);
      if (scope === undefined) return undefined;
      const tree = scope !== "all" || hasTeamRight(principal) ? await teamTree(principal.tenant) : noTeams;
      const shared = scope === "all" ? undefined : await sharedTo(principal, use, tree);
      const within = reachOf(principal, tree, shared);
      return { scope, visibility: within(scope), within };
    },
    assignmentProblems: async ({ tenant, actor, teams }, scope, { ownerId, teamId }) => {
      // A service's own calls carry what the records they come from say.
      if (isServiceActor(actor)) return [];
      const problems: AssignmentProblem[] = [];
      const tree = await teamTree(tenant);
      const reached = scope === "team" ? tree.subtree(teams) : teams;
      if (ownerId !== "" && ownerId !== actor) {
        const reason = await ownerProblem(tenant, ownerId, scope, reached);
        if (reason !== undefined) problems.push({ of: "ownerId", reason });
      }
      if (teamId !== "" && !reached.includes(teamId)) {
        if (scope !== "all") problems.push({ of: "teamId", reason: "OUT_OF_REACH" });
        else if (!tree.has(teamId)) {
          const known = await team(tenant, teamId);
          if (known !== true) problems.push({ of: "teamId", reason: known === "unsure" ? "UNSURE" : "NO_SUCH_TEAM" });
        }
      }
      return problems;
    },
  };

  async function ownerProblem(
    tenant: string,
    ownerId: string,
    scope: Scope,
    reached: readonly string[],
  ): Promise<AssignmentProblem["reason"] | undefined> {
    if (scope === "own") return "OUT_OF_REACH";
    const found = await member(tenant, ownerId);
    if (found === "unsure") return "UNSURE";
    if (scope === "all") return found?.active ? undefined : "NO_SUCH_OWNER";
    // Whether a user out of reach exists is nobody's business.
    return found?.active && found.teamIds.some((id) => reached.includes(id)) ? undefined : "OUT_OF_REACH";
  }
};

const hasTeamRight = ({ grants }: Principal): boolean => Object.values(grants).includes("team");

/** Where nothing is known of teams and shares: rights reach the caller's own records, direct teams, or all. */
export const bareAccess: Access = createAccess({
  teamTree: async () => noTeams,
  sharedWith: async () => new Set(),
  member: async () => undefined,
  team: async () => false,
});
