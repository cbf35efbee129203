import { command, commandScope } from "@keynode/api/command";
import { get, list } from "@keynode/api/read";
import { Session } from "@keynode/contracts/crm/identity/v1/session";
import type { SessionServiceService } from "@keynode/contracts/crm/identity/v1/session_service";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import { sessionContext } from "../session.ts";
import type { Stores } from "../stores.ts";
import type { Contexts } from "./contexts.ts";
import { sessionListing } from "./session-list.ts";

const shape = { typeName: "crm.identity.v1.Session", fromPartial: Session.fromPartial };

/** One entry per rpc of SessionService. */
export const sessionApi = (
  { sessions, users }: Pick<Stores, "sessions" | "users">,
  { user }: Contexts,
): Handlers<typeof SessionServiceService> => ({
  getSession: get(sessions, shape),
  listSessions: list(sessions, shape, sessionListing, "sessions"),
  revokeSession: command(sessions, "RevokeSession", sessionContext),
  revokeSessions: async ({ userId }, call) => {
    const scope = commandScope(call);
    if (isDomainError(scope)) return scope;
    const keptSessionId = call.principal.session ?? "";
    const end = { type: "EndUserSessions", keptSessionId } as const;
    const outcome = await users.execute(userId || call.actor, end, scope, user);
    return isDomainError(outcome) ? outcome : {};
  },
});
