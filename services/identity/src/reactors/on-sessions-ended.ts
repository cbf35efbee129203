import { reactionScope, settled } from "@keynode/api/reaction";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { sessionContext, type SessionStore } from "../session.ts";
import { epochOf } from "../session/standing.ts";
import type { UserStore } from "../user.ts";

/** Sessions closed in one round; a user has some fifty. */
const atOnce = 100;

/**
 * What ended all of a user's sessions in one write is then written to each of their records, for people to see. It goes
 * by what the user's record says now, so an event that comes late ends no session of a later sign-in.
 */
export const onSessionsEnded = (
  sessions: SessionStore,
  users: UserStore,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-sessions-ended",
  from: { identity: ["UserPasswordSet", "UserSessionsEnded", "UserDeactivated", "UserDeleted"] },
  handle: async (event) => {
    const { tenant, recordId: userId, type } = event;
    const user = await users.get(tenant, userId, { kind: "all" });
    if (user === undefined) return;
    const over = {
      tenant,
      "state.ownerId": userId,
      "state.active": true,
      "state.epoch": { $ne: epochOf(user.state) },
      _id: { $ne: user.state.keptSessionId ?? "" },
    };
    const reason = type === "UserSessionsEnded" ? "REVOKED" : "ACCESS_CHANGED";
    const found = await sessions.collection
      .find(over as never, { projection: { _id: 1 } })
      .limit(atOnce)
      .toArray();
    for (const { _id } of found) {
      const scope = reactionScope(name, event, now());
      settled(await sessions.execute(_id, { type: "EndSession", reason }, scope, sessionContext), event, log);
    }
  },
});
