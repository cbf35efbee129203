import { isDuplicate } from "@keynode/aggregate/fault";
import { derivedId } from "@keynode/aggregate/type-id";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Db } from "mongodb";
import type { ServerSecret } from "../token/server-secret.ts";

/** How many attempts are free, how long the pause after the next one is, which doubles with each further one. */
type Limits = {
  readonly free: number;
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** Without another attempt for so long, those before are forgotten. */
  readonly forgetMs: number;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const limits = {
  /** Passwords that did not fit, of one account. */
  account: { free: 5, firstPauseMs: minuteMs / 2, maxPauseMs: hourMs, forgetMs: 24 * hourMs },
  /** Passwords, refresh tokens and links that did not fit, from one address: a company may be behind it. */
  address: { free: 50, firstPauseMs: minuteMs, maxPauseMs: hourMs, forgetMs: hourMs },
  /** Links asked for under one address of mail. */
  reset: { free: 3, firstPauseMs: 10 * minuteMs, maxPauseMs: 24 * hourMs, forgetMs: 24 * hourMs },
} as const satisfies Readonly<Record<string, Limits>>;

type Kind = keyof typeof limits;

/** What is counted: of which tenant, and who or what, of which only a keyed digest is kept. */
type Counted = { readonly kind: Kind; readonly tenant: string; readonly name: string };

/** The attempts of one account or address. `revision` is what a compare-and-set goes by. */
type Throttle = {
  _id: string;
  tenant: string;
  revision: number;
  failures: number;
  blockedUntil: Date;
  expireAt: Date;
};

/** A compare-and-set that was lost so often in a row is taken for a burst, which waits. */
const maxTries = 50;
/** No pause. */
const never = new Date(0);
/** What addresses are counted under: a client may try any tenant. */
const platform = "platform";

/** Who tries: an account, an address of the network, or both. */
export type Trier = {
  readonly tenant: string;
  readonly email: string;
  readonly address: string | undefined;
};

/** Bounds how often somebody may guess. Kept in the store: it counts over all replicas, and through restarts. */
export type Attempts = {
  prepare(): Promise<void>;
  /**
   * Lets one attempt at an account's password be made, and answers what it found. Each is counted before it is made, so
   * no burst gets past the count, and one that finds something takes its count back. While the account is locked the
   * attempt is made all the same and finds nothing: who guesses learns nothing of it. Errors: TOO_MANY_ATTEMPTS from this
   * address, whatever the account.
   */
  make<Found>(trier: Trier, attempt: () => Promise<Found | undefined>): Promise<Found | undefined | DomainError>;
  /** The same for what is no account's: a token that fits or does not. */
  makeFrom<Found>(
    address: string | undefined,
    attempt: () => Promise<Found | DomainError>,
  ): Promise<Found | DomainError>;
  /** Whether one more link may be sent to this address of mail. */
  mayAsk(tenant: string, email: string): Promise<boolean>;
  /** Forgets what failed on an account. */
  unlock(tenant: string, email: string): Promise<void>;
};

export const openAttempts = (db: Db, secret: ServerSecret, now: () => Date): Attempts => {
  const throttles = db.collection<Throttle>("throttles");

  const keyOf = ({ kind, tenant, name }: Counted) => ({
    _id: derivedId("throttle", kind, tenant, secret.mac("throttle", kind, tenant, name)),
    tenant,
  });

  /** Counts one attempt; answers for how much longer none may be made instead when it comes too early. */
  const count = async (counted: Counted): Promise<number | undefined> => {
    const key = keyOf(counted);
    for (let tries = 0; tries < maxTries; tries += 1) {
      const at = now();
      const before = await throttles.findOne(key);
      const leftMs = before === null ? 0 : before.blockedUntil.getTime() - at.getTime();
      if (leftMs > 0) return leftMs;
      const after = counting(before, limits[counted.kind], at);
      if (before === null) {
        if (await isInserted(throttles.insertOne({ ...key, ...after, revision: 1 }))) return undefined;
      } else {
        const { revision } = before;
        const { matchedCount } = await throttles.updateOne(
          { ...key, revision },
          { $set: { ...after, revision: revision + 1 } },
        );
        if (matchedCount === 1) return undefined;
      }
    }
    return 1_000;
  };

  const takeBack = async (counted: Counted): Promise<void> => {
    await throttles.updateOne(
      { ...keyOf(counted), failures: { $gt: 0 } },
      { $inc: { failures: -1, revision: 1 }, $set: { blockedUntil: never } },
    );
  };

  const makeFrom: Attempts["makeFrom"] = async (address, attempt) => {
    if (address === undefined) return await attempt();
    const counted = { kind: "address", tenant: platform, name: address } as const;
    const waitMs = await count(counted);
    if (waitMs !== undefined) return tooMany(waitMs);
    const found = await attempt();
    if (found !== undefined && !isDomainError(found)) await takeBack(counted);
    return found;
  };

  return {
    prepare: async () => {
      await throttles.createIndexes([{ name: "expiry", key: { expireAt: 1 }, expireAfterSeconds: 0 }]);
    },
    make: async ({ tenant, email, address }, attempt) => {
      const account = { kind: "account", tenant, name: email } as const;
      return await makeFrom(address, async () => {
        const isLocked = (await count(account)) !== undefined;
        const found = await attempt();
        if (isLocked || found === undefined) return undefined;
        await throttles.deleteOne(keyOf(account));
        return found;
      });
    },
    makeFrom,
    mayAsk: async (tenant, email) => (await count({ kind: "reset", tenant, name: email })) === undefined,
    unlock: async (tenant, email) => {
      await throttles.deleteOne(keyOf({ kind: "account", tenant, name: email }));
    },
  };
};

/** The state after one more attempt; the pause is booked before it is known whether the attempt fails. */
const counting = (
  before: Throttle | null,
  { free, firstPauseMs, maxPauseMs, forgetMs }: Limits,
  at: Date,
): Pick<Throttle, "failures" | "blockedUntil" | "expireAt"> => {
  const known = before === null || before.expireAt <= at ? 0 : before.failures;
  const failures = known + 1;
  const pauseMs = failures < free ? 0 : Math.min(firstPauseMs * 2 ** Math.min(failures - free, 20), maxPauseMs);
  const until = at.getTime() + pauseMs;
  // A clock behind the one that counted last, by a millisecond of waiting, must not take a moment that passed for a pause.
  return { failures, blockedUntil: pauseMs === 0 ? never : new Date(until), expireAt: new Date(until + forgetMs) };
};

/** False when another process has counted the first attempt meanwhile. */
const isInserted = async (inserting: Promise<unknown>): Promise<boolean> => {
  try {
    await inserting;
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
};

const tooMany = (retryAfterMs: number): DomainError =>
  reject("TOO_MANY_ATTEMPTS", { retryAfterMs: String(Math.max(Math.ceil(retryAfterMs), 1)) });
