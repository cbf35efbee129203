import { auth } from "./api/auth.ts";
import { type ClientOptions, createClient } from "./client.ts";
import type { Credentials } from "./credentials.ts";
import { ConnectionError, KeynodeError } from "./errors.ts";
import type { SignInRequest } from "./types/identity.ts";
import type { Timestamp } from "./values.ts";

/** What a session's next request needs. The refresh token opens the next access token, once. */
export type SessionTokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token ends. */
  readonly expireTime: Timestamp;
};

export type SessionOptions = Omit<ClientOptions, "credentials"> & {
  /** The tokens of a session that goes on, or what to sign in with when the first request is sent. */
  readonly start: SessionTokens | SignInRequest;
  /** Told of all new tokens, to keep them for `start` after a restart: the ones before are used up. */
  readonly onTokens?: (tokens: SessionTokens) => void;
};

/** An access token is refreshed this long before it ends, so that the request it goes with still gets through. */
const EARLY_MS = 30_000;

/** A user's session: signed in once, its access token refreshed before it ends, however many requests wait for it. */
export const session = ({ start, onTokens, ...options }: SessionOptions): Credentials => {
  const { signIn, refresh } = auth(createClient(options));
  let tokens = "accessToken" in start ? start : undefined;
  let pending: Promise<SessionTokens> | undefined;

  const opened = async (): Promise<SessionTokens> => {
    if (tokens === undefined && "password" in start) return signIn(start).then(checked);
    const refreshToken = tokens?.refreshToken ?? "";
    const next = () => refresh({ refreshToken });
    // For some seconds the API answers the same token again, because an answer may get lost.
    const answer = await next().catch((error: unknown) => {
      if (error instanceof ConnectionError) return next();
      throw error;
    });
    return checked(answer);
  };

  const renewed = (): Promise<SessionTokens> => {
    pending ??= opened()
      .then((fresh) => {
        tokens = fresh;
        onTokens?.(fresh);
        return fresh;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };

  return {
    token: async () => {
      const isFresh = tokens !== undefined && Date.parse(tokens.expireTime) - Date.now() > EARLY_MS;
      return (isFresh && tokens ? tokens : await renewed()).accessToken;
    },
    renew: async (refused) => {
      if (tokens !== undefined && tokens.accessToken !== refused) return true;
      try {
        await renewed();
        return true;
      } catch (error) {
        if (error instanceof KeynodeError) return false;
        throw error;
      }
    },
  };
};

const checked = ({ accessToken, refreshToken, expireTime }: Partial<SessionTokens>): SessionTokens => {
  if (!accessToken || !refreshToken || !expireTime) throw new TypeError("the API answered no tokens");
  return { accessToken, refreshToken, expireTime };
};
