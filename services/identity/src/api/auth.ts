import type { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import type { Callers } from "../callers.ts";
import { readApiKey } from "../credential/credential.ts";
import { sessionContext } from "../session.ts";
import { type RefreshParts, refreshSession } from "../session/refresh-session.ts";
import type { LinkParts } from "../link/link-parts.ts";
import { requestPasswordReset } from "../link/request-password-reset.ts";
import { resetPassword } from "../link/reset-password.ts";
import { changePassword } from "./change-password.ts";
import { signIn } from "./sign-in.ts";

/** What signing in and out needs. */
export type AuthParts = RefreshParts &
  LinkParts & {
    readonly callers: Callers;
  };

/** One entry per rpc of AuthService. */
export const authApi = (parts: AuthParts): Handlers<typeof AuthServiceService> => {
  const { stores, contexts, callers, tokens, now, log } = parts;

  /** An API key's use is worth knowing, not worth failing for. */
  const recordUse = async (tenant: string, id: string, deadline: Date): Promise<void> => {
    const scope = { tenant, actor: id, visibility: { kind: "all" }, deadline } as const;
    try {
      await stores.apiKeys.execute(id, { type: "RecordApiKeyUse" }, scope, contexts.apiKey);
    } catch (error) {
      log.warn({ err: error, apiKeyId: id }, "the use of an API key is not recorded");
    }
  };

  return {
    authenticate: async ({ credential }, { deadline }) => {
      const read = readApiKey(credential);
      const caller = read && (await callers.find(read.holderId, read));
      if (caller?.apiKey === undefined) return reject("UNAUTHENTICATED");
      if (isUseNews(caller.apiKey.lastUseTime, now())) {
        await recordUse(caller.principal.tenant, caller.principal.actor, deadline);
      }
      return caller.principal;
    },
    resolveSession: async ({ tenant, userId, sessionId }) => {
      const caller = await callers.find(userId, { sessionId });
      return caller?.principal.tenant === tenant ? caller.principal : reject("UNAUTHENTICATED");
    },
    getJsonWebKeySet: () => tokens.publicKeys(),
    signIn: signIn(parts),
    refreshSession: refreshSession(parts),
    signOut: async (_request, { tenant, actor, principal, deadline }) => {
      if (principal.session === undefined) return {};
      const scope = { tenant, actor, visibility: { kind: "own", ownerId: actor }, deadline } as const;
      const end = { type: "EndSession", reason: "SIGNED_OUT" } as const;
      const outcome = await stores.sessions.execute(principal.session, end, scope, sessionContext);
      return isDomainError(outcome) ? outcome : {};
    },
    getCurrentPrincipal: async (_request, { actor, principal }) => {
      const caller = await callers.find(actor, { sessionId: principal.session ?? "" });
      if (caller === undefined) return reject("UNAUTHENTICATED");
      return { principal: caller.principal, user: caller.user, tenant: caller.tenant };
    },
    changePassword: changePassword(parts),
    requestPasswordReset: requestPasswordReset(parts),
    resetPassword: resetPassword(parts),
  };
};

const hourMs = 3_600_000;

/** Uses are recorded to the hour. */
const isUseNews = (known: Date | undefined, now: Date): boolean =>
  known === undefined || now.getTime() - known.getTime() >= hourMs;
