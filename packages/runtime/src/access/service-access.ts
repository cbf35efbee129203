import { findCopied } from "@keynode/api/copied";
import { type Access, type AccessFacts, createAccess } from "@keynode/auth/access";
import type { ShareIndex } from "../shares/share-index.ts";
import type { PeopleCopy } from "../copies/people.ts";
import type { TeamTrees } from "./team-trees.ts";

/** How long a call may wait for the copy to hear of a user or a team that may just have been made. */
const heardWithinMs = 4_000;

/** The engine of access, fed by what this service has of the tenant's people. */
export const serviceAccess = (people: PeopleCopy, trees: TeamTrees, shares: ShareIndex, now: () => Date): Access =>
  createAccess({
    teamTree: trees.of,
    sharedWith: shares.sharedWith,
    member: memberIn(people, now),
    team: teamIn(people, now),
  });

/** Looks up a user, waiting a little for one who may just have been made. */
export const memberIn =
  (people: PeopleCopy, now: () => Date): AccessFacts["member"] =>
  async (tenant, id) => {
    const { reference, row } = await findCopied(people, "members", { tenant, id }, heardFrom(now()));
    return reference === "UNSURE" ? "unsure" : row;
  };

/** Looks up a team, likewise. */
export const teamIn =
  (people: PeopleCopy, now: () => Date): AccessFacts["team"] =>
  async (tenant, id) => {
    const { reference, row } = await findCopied(people, "teams", { tenant, id }, heardFrom(now()));
    return reference === "UNSURE" ? "unsure" : row !== undefined && !row.isDeleted;
  };

const heardFrom = (now: Date) => ({ now, deadline: new Date(now.getTime() + heardWithinMs) });
