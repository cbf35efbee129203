import { hash } from "node:crypto";
import { boundedCache } from "@keynode/auth/bounded-cache";
import type { Networks } from "@keynode/auth/networks";
import type { Principal } from "@keynode/auth/principal";

/** Who holds a credential, until when it holds, and from where; undefined: from anywhere. */
export type Holder = { readonly principal: Principal; readonly expiresAt?: Date; readonly networks?: Networks };

/** Checks a credential with whoever knows: `refused` when it is none, `unavailable` when nobody can tell now. */
export type Authenticate = (credential: string) => Promise<Holder | "refused" | "unavailable">;

export type Authentication =
  | {
      readonly kind: "principal";
      readonly principal: Principal;
      readonly networks?: Networks | undefined;
    }
  | { readonly kind: "refused" }
  | { readonly kind: "unavailable" };

export type Authenticator = {
  /** What is known of a credential, without asking. */
  readonly recall: (credential: string) => Authentication | undefined;
  /** Asks, once however many wait for the same credential. */
  readonly ask: (credential: string) => Promise<Authentication>;
  /** Asks anew next time: a service found the holder's rights outdated. */
  readonly forget: (credential: string) => void;
};

export type AuthenticatorOptions = {
  readonly authenticate: Authenticate;
  /** How long an answer is believed: also how long a revoked credential may go on working. */
  readonly ttlMs: number;
  /** How long after its last answer a holder is believed while nobody can tell: nobody can revoke meanwhile either. */
  readonly outageMs: number;
  readonly maxEntries: number;
  readonly now?: () => number;
};

/** A credential that was refused, or that nobody could tell about, is asked for again after this long. */
const ASK_AGAIN_MS = 1_000;

type Known = {
  readonly authentication: Authentication;
  readonly untilMs: number;
  /** While nobody can tell. */
  readonly outageUntilMs: number;
};

/** Remembers answers by the credential's SHA-256, so that no credential stays in memory. */
export const createAuthenticator = (options: AuthenticatorOptions): Authenticator => {
  const { ttlMs, outageMs, maxEntries, now = Date.now } = options;
  const known = boundedCache<Known>(maxEntries);
  const asking = new Map<string, Promise<Authentication>>();

  const lookUp = async (digest: string, credential: string): Promise<Authentication> => {
    const answer = await options.authenticate(credential);
    const at = now();
    if (answer === "unavailable") {
      const last = known.get(digest);
      if (last === undefined || at >= last.outageUntilMs) return { kind: "unavailable" };
      known.set(digest, { ...last, untilMs: Math.min(at + ASK_AGAIN_MS, last.outageUntilMs) });
      return last.authentication;
    }
    if (answer === "refused") {
      const untilMs = at + Math.min(ASK_AGAIN_MS, ttlMs);
      known.set(digest, { authentication: { kind: "refused" }, untilMs, outageUntilMs: untilMs });
      return { kind: "refused" };
    }
    const { principal, expiresAt, networks } = answer;
    const endMs = expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    const authentication = { kind: "principal", principal, networks } as const;
    known.set(digest, {
      authentication,
      untilMs: Math.min(at + ttlMs, endMs),
      outageUntilMs: Math.min(at + Math.max(ttlMs, outageMs), endMs),
    });
    return authentication;
  };

  return {
    recall: (credential) => {
      const found = known.get(digestOf(credential));
      return found && now() < found.untilMs ? found.authentication : undefined;
    },
    ask: (credential) => {
      const digest = digestOf(credential);
      const pending = asking.get(digest);
      if (pending) return pending;
      const asked = lookUp(digest, credential).finally(() => asking.delete(digest));
      asking.set(digest, asked);
      return asked;
    },
    forget: (credential) => known.delete(digestOf(credential)),
  };
};

const digestOf = (credential: string): string => hash("sha256", credential, "base64url");
