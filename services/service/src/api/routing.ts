import type { Attempt } from "@keynode/aggregate/store";
import { findCopied } from "@keynode/api/copied";
import type { Reference } from "@keynode/decider/reference";
import type { Assignee } from "../domain/case/context.ts";
import type { UserCopy } from "../projections/user.ts";
import type { Sources } from "./context.ts";

/** Who is to work on a case; nobody when a reference to them is not known, or nobody is there. */
export type Assignment = { readonly reference: Reference; readonly assignee: Assignee | undefined };

/** The user that a command names, who must be an active one. */
export const assigneeNamed = async (users: UserCopy, asking: Attempt, id: string): Promise<Assignment> => {
  const { reference, row } = await findCopied(users, "users", { ...asking, id }, asking);
  if (row === undefined) return { reference, assignee: undefined };
  return row.active
    ? { reference, assignee: { id, teamId: row.teamId } }
    : { reference: "MISSING", assignee: undefined };
};

/**
 * C-060. Who gets a new case: the active service agent with the fewest cases to work on, the first by id among equals.
 * Without any it is the account's owner, and nobody when that is no active user.
 */
export const agentForNewCase = async (
  { users, cases }: Pick<Sources, "users" | "cases">,
  tenant: string,
  accountOwnerId: string,
): Promise<Assignment> => {
  const known = users.tables().users;
  const agents = await known.find({ tenant, agent: true, active: true }).sort({ _id: 1 }).toArray();
  const chosen =
    agents.length > 0
      ? leastBusy(agents, await burdens(cases, tenant, agents))
      : await known.findOne({ _id: accountOwnerId, tenant, active: true });
  return { reference: "KNOWN", assignee: chosen ? { id: chosen._id, teamId: chosen.teamId } : undefined };
};

type Agent = { readonly _id: string; readonly teamId: string };

const leastBusy = (agents: readonly Agent[], burden: ReadonlyMap<string, number>): Agent | undefined =>
  agents.toSorted((a, b) => (burden.get(a._id) ?? 0) - (burden.get(b._id) ?? 0))[0];

/** How many cases each agent has to work on. */
const burdens = async (
  cases: Sources["cases"],
  tenant: string,
  agents: readonly Agent[],
): Promise<ReadonlyMap<string, number>> => {
  const counted = await cases
    .aggregate<{ _id: string; count: number }>([
      {
        $match: {
          tenant,
          "state.assigneeId": { $in: agents.map(({ _id }) => _id) },
          "state.status": { $in: ["ASSIGNED", "REOPENED"] },
          "state.deleteTime": { $exists: false },
        },
      },
      { $group: { _id: "$state.assigneeId", count: { $sum: 1 } } },
    ])
    .toArray();
  return new Map(counted.map(({ _id, count }) => [_id, Number(count)]));
};
