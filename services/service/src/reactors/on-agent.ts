import type { ContextFor } from "@keynode/aggregate/store";
import { awaitCopy } from "@keynode/api/own-copy";
import { NotYet, reactionScope, settled } from "@keynode/api/reaction";
import { snapshotOf } from "@keynode/api/snapshot";
import type { User } from "@keynode/contracts/crm/identity/v1/user";
import * as userEvents from "@keynode/contracts/crm/identity/v1/user_events";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { Filter } from "mongodb";
import type { CaseStore } from "../case.ts";
import type { CaseCommand } from "../domain/case/command.ts";
import type { CaseContext } from "../domain/case/context.ts";
import type { CaseState } from "../domain/case/state.ts";
import { isAgent, type UserCopy } from "../projections/user.ts";

/**
 * C-060. Cases that nobody was there for go to the agents once there are some. They are looked for only once our copy has
 * the agent: one that is opened later finds them there, so none falls between.
 */
export const onAgent = (
  cases: CaseStore,
  users: UserCopy,
  context: ContextFor<CaseState, CaseContext, CaseCommand>,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-agent",
  from: { identity: ["UserCreated", "UserEdited", "UserPasswordSet", "UserActivated", "UserRestored"] },
  handle: async (event) => {
    const { tenant, recordId, version } = event;
    const user = snapshotOf<User>(event, userEvents);
    if (user === undefined || !user.active || !isAgent(user, tenant)) return;
    const copied = () => users.tables().users.findOne({ _id: recordId, tenant, version: { $gte: version } });
    if ((await awaitCopy(copied)) === undefined) throw new NotYet(`user ${recordId} is not in the copy`);
    const waiting: Filter<AggregateDocument<CaseState>> = {
      tenant,
      "state.assigneeId": "",
      "state.status": { $in: ["OPEN", "REOPENED"] },
      "state.deleteTime": { $exists: false },
    };
    const route = { type: "RouteCase" } as const;
    for await (const { _id } of cases.collection.find(waiting, { projection: { _id: 1 } })) {
      settled(await cases.execute(_id, route, reactionScope(name, event, now()), context), event, log);
    }
  },
});
