import type { RefreshSessionRequest, RefreshSessionResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { sameSecret } from "@keynode/decider/same-secret";
import type { Call, Handler } from "@keynode/grpc/call";
import type { Logger } from "@keynode/telemetry/logger";
import type { Attempts } from "../credential/attempts.ts";
import { sessionContext } from "../session.ts";
import type { ServerSecret } from "../token/server-secret.ts";
import { nextRefreshToken, readRefreshToken } from "../token/refresh-token.ts";
import type { UserStore } from "../user.ts";
import { type SessionParts, type SessionTokens, tokensOf } from "./open-session.ts";
import { expiryOf } from "./session-policy.ts";
import { isStanding } from "./standing.ts";

export type RefreshParts = SessionParts & {
  readonly users: UserStore;
  readonly secret: ServerSecret;
  readonly attempts: Attempts;
  readonly log: Logger;
};

/** Errors: REFRESH_FAILED whatever was wrong, TOO_MANY_ATTEMPTS. Tokens that do not fit count against their address. */
export const refreshSession = (parts: RefreshParts): Handler<RefreshSessionRequest, RefreshSessionResponse> => {
  const { sessions, users, secret, attempts, securityOf, now, log } = parts;

  const refresh = async (
    text: string,
    { deadline, origin }: Pick<Call, "deadline" | "origin">,
  ): Promise<SessionTokens | DomainError> => {
    const sent = readRefreshToken(text);
    const document = sent && (await sessions.collection.findOne({ _id: sent.sessionId }));
    if (!sent || !document || !sameSecret(document.state.familyDigest, sent.familyDigest))
      return reject("REFRESH_FAILED");
    const { _id: id, tenant, state } = document;
    const userId = state.ownerId;
    const [user, security] = await Promise.all([users.get(tenant, userId, { kind: "all" }), securityOf(tenant)]);
    if (user === undefined || !isStanding(state, user.state, security, now())) return reject("REFRESH_FAILED");
    const next = nextRefreshToken(sent, secret);
    const at = now();
    const outcome = await sessions.execute(
      id,
      {
        type: "RefreshSession",
        digest: sent.tokenDigest,
        nextDigest: next.tokenDigest,
        expireTime: expiryOf(security.sessions, state.createTime ?? at, at),
        network: origin.network ?? "",
      },
      { tenant, actor: userId, visibility: { kind: "all" }, deadline },
      sessionContext,
    );
    if (isDomainError(outcome)) return outcome;
    const { active, endReason, expireTime } = outcome.state;
    if (active) return await tokensOf(parts, { tenant, userId, refreshToken: next, refreshExpireTime: expireTime });
    if (endReason === "TOKEN_REUSED") log.warn({ sessionId: id, userId }, "a used refresh token came again");
    return reject("REFRESH_FAILED");
  };

  return ({ refreshToken }, call) => attempts.makeFrom(call.clientAddress, () => refresh(refreshToken, call));
};
