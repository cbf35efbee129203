import { reactionScope, settled } from "@keynode/api/reaction";
import { SessionOpened } from "@keynode/contracts/crm/identity/v1/session_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { Contexts } from "../api/contexts.ts";
import type { UserStore } from "../user.ts";

/** A user's record tells when they last signed in. */
export const onSessionOpened = (users: UserStore, { user }: Contexts, { name, now, log }: ServiceTools): Reactor => ({
  name: "on-session-opened",
  from: { identity: ["SessionOpened"] },
  handle: async (event) => {
    const { session } = SessionOpened.decode(event.data);
    if (session === undefined) return;
    const record = {
      type: "RecordSignIn",
      sessionId: event.recordId,
      signInTime: event.at,
      expireTime: session.expireTime,
    } as const;
    settled(await users.execute(session.ownerId, record, reactionScope(name, event, now()), user), event, log);
  },
});
