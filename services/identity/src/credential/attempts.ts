import { keyedQueue, QueueFull } from "@keynode/aggregate/keyed-queue";
import { digestOf, newId } from "@keynode/aggregate/type-id";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Db } from "mongodb";

const limit = 10;
const windowMs = 15 * 60_000;
/** Attempts on one account that may wait in this process. */
const queueLimit = 64;

/** One failed attempt; `account` is a digest, so that nothing here names a person. */
type Failure = { _id: string; tenant: string; account: string; at: Date; expireAt: Date };

/** Bounds how often somebody may guess at one account's password. */
export type Attempts = {
  prepare(): Promise<void>;
  /**
   * Lets one attempt be made and answers what it found. Finding nothing is a failure and counts; a success forgets those
   * before it. Attempts on one account take turns, so that no burst gets past the count. Errors: TOO_MANY_ATTEMPTS, the
   * same for accounts that do not exist.
   */
  make<Found>(
    tenant: string,
    account: string,
    attempt: () => Promise<Found | undefined>,
  ): Promise<Found | undefined | DomainError>;
};

export const openAttempts = (db: Db, now: () => Date): Attempts => {
  const failures = db.collection<Failure>("signInFailures");
  const inTurn = keyedQueue(queueLimit);

  const attempted = async <Found>(
    tenant: string,
    account: string,
    attempt: () => Promise<Found | undefined>,
  ): Promise<Found | undefined | DomainError> => {
    const since = new Date(now().getTime() - windowMs);
    const recent = await failures
      .find({ tenant, account, at: { $gt: since } })
      .sort({ at: -1 })
      .limit(limit)
      .toArray();
    const tenth = recent[limit - 1];
    if (tenth !== undefined) return tooMany(tenth.expireAt.getTime() - now().getTime());
    const found = await attempt();
    if (found !== undefined) {
      if (recent.length > 0) await failures.deleteMany({ tenant, account });
      return found;
    }
    const at = now();
    const expireAt = new Date(at.getTime() + windowMs);
    await failures.insertOne({ _id: newId("attempt"), tenant, account, at, expireAt });
    return undefined;
  };

  return {
    prepare: async () => {
      await failures.createIndexes([
        { name: "account", key: { tenant: 1, account: 1, at: -1 } },
        { name: "expiry", key: { expireAt: 1 }, expireAfterSeconds: 0 },
      ]);
    },
    make: async (tenant, account, attempt) => {
      try {
        return await inTurn(`${tenant} ${account}`, () => attempted(tenant, account, attempt));
      } catch (error) {
        if (error instanceof QueueFull) return tooMany(1_000);
        throw error;
      }
    },
  };
};

const tooMany = (retryAfterMs: number): DomainError =>
  reject("TOO_MANY_ATTEMPTS", { retryAfterMs: String(Math.max(Math.ceil(retryAfterMs), 1)) });

/** How an account is named here: no address can be read from it. */
export const accountOf = (tenant: string, email: string): string => digestOf(tenant, email);
