import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { ContextFor, Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/session_events";
import { sameSecret } from "@keynode/decider/same-secret";
import { listIndexes } from "@keynode/query/listing";
import { sessionListing } from "./api/session-list.ts";
import { decide } from "./domain/session/decide.ts";
import { evolve } from "./domain/session/evolve.ts";
import type { Sent, SessionCommand, SessionContext, SessionEvent, SessionState } from "./domain/session/session.ts";

/** How long an ended session is kept for its user to look at. */
const keptS = 90 * 86_400;

export const sessionAggregate = defineAggregate<SessionState, SessionCommand, SessionEvent, SessionContext>({
  name: "session",
  collection: "sessions",
  decider: { decide, evolve },
  events: codecs,
  indexes: [...listIndexes(sessionListing), { name: "ended", key: { "state.endTime": 1 }, expireAfterSeconds: keptS }],
  wakeAt: ({ active, expireTime }) => (active ? expireTime : undefined),
});

export type SessionStore = Store<SessionState, SessionCommand, SessionEvent, SessionContext>;

export const sessionContext: ContextFor<SessionState, SessionContext, SessionCommand> = (
  { now, actor },
  state,
  command,
) => ({ now, actor, sent: command.type === "RefreshSession" ? sentOf(state, command.digest) : "older" });

const sentOf = (state: SessionState | undefined, digest: string): Sent => {
  if (sameSecret(state?.tokenDigest, digest)) return "latest";
  return sameSecret(state?.usedDigest, digest) ? "used" : "older";
};
