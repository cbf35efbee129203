import type { RefreshSessionRequest, RefreshSessionResponse } from "@keynode/contracts/crm/identity/v1/auth_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import type { Logger } from "@keynode/telemetry/logger";
import { matches } from "../credential/credential.ts";
import { sessionContext } from "../session.ts";
import type { ServerSecret } from "../token/server-secret.ts";
import { nextRefreshToken, readRefreshToken } from "../token/refresh-token.ts";
import type { UserStore } from "../user.ts";
import { type SessionParts, tokensOf } from "./open-session.ts";
import { expiryOf } from "./session-policy.ts";
import { isStanding } from "./standing.ts";

export type RefreshParts = SessionParts & {
  readonly users: UserStore;
  readonly secret: ServerSecret;
  readonly log: Logger;
};

/** Errors: REFRESH_FAILED whatever was wrong, TOO_MANY_ATTEMPTS. */
export const refreshSession =
  (parts: RefreshParts): Handler<RefreshSessionRequest, RefreshSessionResponse> =>
  async ({ refreshToken: text }, { deadline, origin }) => {
    const { sessions, users, secret, policyOf, now, log } = parts;
    const sent = readRefreshToken(text);
    const document = sent && (await sessions.collection.findOne({ _id: sent.sessionId }));
    if (!sent || !document || !matches(document.state.familyDigest, sent.familyDigest)) return reject("REFRESH_FAILED");
    const { _id: id, tenant, state } = document;
    const userId = state.ownerId;
    const user = await users.get(tenant, userId, { kind: "all" });
    if (user === undefined || !isStanding(state, user.state, now())) return reject("REFRESH_FAILED");
    const next = nextRefreshToken(sent, secret);
    const at = now();
    const outcome = await sessions.execute(
      id,
      {
        type: "RefreshSession",
        digest: sent.tokenDigest,
        nextDigest: next.tokenDigest,
        expireTime: expiryOf(await policyOf(tenant), state.createTime ?? at, at),
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
