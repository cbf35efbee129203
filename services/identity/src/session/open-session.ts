import { newId } from "@keynode/aggregate/type-id";
import { Session } from "@keynode/contracts/crm/identity/v1/session";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { AggregateDocument } from "@keynode/messaging/entry";
import { accessTokenLifetimeS } from "@keynode/auth/access-token";
import { toTheHour } from "../domain/session/evolve.ts";
import type { UserState } from "../domain/user/state.ts";
import { sessionContext, type SessionStore } from "../session.ts";
import { type NewRefreshToken, newRefreshToken } from "../token/refresh-token.ts";
import type { TokenSigner } from "../token/signer.ts";
import { clientTraits } from "./client.ts";
import type { SecurityOf } from "../security-settings.ts";
import { expiryOf } from "./session-policy.ts";
import { epochOf } from "./standing.ts";

/** What a signed-in client holds, as SignIn and RefreshSession answer it. */
export type SessionTokens = {
  readonly accessToken: string;
  readonly expireTime: Date;
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  readonly refreshExpireTime: Date | undefined;
  readonly sessionId: string;
};

/** Who has proven to be a user, how, and the call that they did it by. */
export type Opening = {
  readonly user: Pick<AggregateDocument<UserState>, "_id" | "tenant" | "state">;
  readonly provider: Exclude<Session["provider"], "PROVIDER_UNSPECIFIED" | "UNRECOGNIZED">;
  readonly call: Pick<Call, "deadline" | "origin" | "clientDevice">;
  /** Derived from what a repeat of the same call has in common; a new one when left out. */
  readonly id?: string;
};

export type SessionParts = {
  readonly sessions: SessionStore;
  readonly tokens: TokenSigner;
  /** What the tenant has decided. */
  readonly securityOf: SecurityOf;
  readonly now: () => Date;
};

/** Sessions that a user may have at once; a further one ends the oldest. */
const sessionLimit = 50;
/** Sessions ended by one sign-in: more than one are too many only after sign-ins at the same moment. */
const displacedAtOnce = 10;

/**
 * Opens a session for a user who has proven who they are, and answers its first tokens. Whether the user may sign in is
 * checked again at every use of a token. Errors: ALREADY_EXISTS for a session that an earlier call opened, whose tokens
 * nobody can show again.
 */
export const openSession =
  (parts: SessionParts) =>
  async ({ user, provider, call, id = newId("session") }: Opening): Promise<SessionTokens | DomainError> => {
    const { sessions, securityOf, now } = parts;
    const { _id: userId, tenant, state } = user;
    const at = now();
    const refreshToken = newRefreshToken(id);
    const { familyDigest, tokenDigest } = refreshToken;
    const session = Session.fromPartial({
      id,
      ownerId: userId,
      teamId: state.teamId,
      provider,
      ...clientTraits(call),
      lastSeenTime: toTheHour(at),
      expireTime: expiryOf((await securityOf(tenant)).sessions, at, at),
      active: true,
    });
    const scope = { tenant, actor: userId, visibility: { kind: "all" }, deadline: call.deadline } as const;
    const opened = await sessions.create(
      { type: "OpenSession", session, epoch: epochOf(state), familyDigest, tokenDigest },
      scope,
      sessionContext,
      id,
    );
    if (isDomainError(opened)) return opened.reason === "ALREADY_EXISTS" ? reject("ALREADY_EXISTS", { id }) : opened;
    for (const oldest of await beyondLimit(sessions, tenant, userId)) {
      const displace = { type: "EndSession", reason: "DISPLACED" } as const;
      const ended = await sessions.execute(oldest, displace, scope, sessionContext);
      if (isDomainError(ended)) return ended;
    }
    return await tokensOf(parts, { tenant, userId, refreshToken, refreshExpireTime: session.expireTime });
  };

/** A new access token, and the refresh token to get the next one with. */
export const tokensOf = async (
  { tokens }: Pick<SessionParts, "tokens">,
  {
    tenant,
    userId,
    refreshToken,
    refreshExpireTime,
  }: {
    readonly tenant: string;
    readonly userId: string;
    readonly refreshToken: NewRefreshToken;
    readonly refreshExpireTime: Date | undefined;
  },
): Promise<SessionTokens> => {
  const { sessionId, text } = refreshToken;
  const { text: accessToken, expireTime } = await tokens.sign({ tenant, userId, sessionId });
  return {
    accessToken,
    expireTime,
    expiresIn: accessTokenLifetimeS,
    refreshToken: text,
    refreshExpireTime,
    sessionId,
  };
};

const beyondLimit = async ({ collection }: SessionStore, tenant: string, ownerId: string): Promise<string[]> => {
  const found = await collection
    .find({ tenant, "state.ownerId": ownerId, "state.active": true } as never, { projection: { _id: 1 } })
    .sort({ "state.createTime": -1, _id: -1 })
    .skip(sessionLimit)
    .limit(displacedAtOnce)
    .toArray();
  return found.map(({ _id }) => _id);
};
