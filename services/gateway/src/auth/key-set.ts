import type { KeySource, PublicKeys } from "@keynode/auth/access-token";

export type KeySetOptions = {
  /** Asks whoever publishes the keys; throws when nobody answers. */
  readonly fetch: () => Promise<PublicKeys>;
  readonly now?: () => number;
  readonly onFailure: (error: unknown) => void;
};

/** Keys are asked for again this often, so that one that was taken away is believed no longer. */
const MAX_AGE_MS = 60_000;
/** Tokens that name a key nobody has make us ask this often at most. */
const MIN_AGE_MS = 2_000;

type Known = { readonly keys: PublicKeys; readonly atMs: number };

/** The keys that access tokens are verified by, asked for when needed; while nobody answers, the last ones hold. */
export const createKeySet = ({ fetch, onFailure, now = Date.now }: KeySetOptions): KeySource => {
  let known: Known | undefined;
  let asking: Promise<PublicKeys | undefined> | undefined;
  let askedMs = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<PublicKeys | undefined> => {
    askedMs = now();
    try {
      const keys = await fetch();
      known = { keys, atMs: now() };
      return keys;
    } catch (error) {
      onFailure(error);
      return known?.keys;
    } finally {
      asking = undefined;
    }
  };

  const askOnce = (): Promise<PublicKeys | undefined> => (asking ??= ask());

  return {
    current: async () => {
      if (known === undefined) return await askOnce();
      // Whoever comes then need not wait: a key is published long before it signs.
      if (now() - known.atMs >= MAX_AGE_MS && now() - askedMs >= MIN_AGE_MS) void askOnce();
      return known.keys;
    },
    renew: async () => (now() - askedMs < MIN_AGE_MS ? (asking ?? known?.keys) : await askOnce()),
  };
};
