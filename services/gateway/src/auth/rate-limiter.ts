import { boundedCache } from "@keynode/auth/bounded-cache";

/** Requests a second on average, and how many at once after a rest. */
export type Rate = { readonly perS: number; readonly burst: number };

/** One name whose requests are counted together, under the policy's rate. */
export type Counted = {
  readonly policy: string;
  readonly name: string;
  /** Whose request it is among those that share the bucket: none of them gets to empty it alone. */
  readonly member?: string;
};

export type Verdict = {
  readonly isAllowed: boolean;
  /** Seconds until one more request is allowed; 0 when it was. */
  readonly retryAfterS: number;
  /** The `RateLimit` field: what is left under the tightest policy. */
  readonly rateLimit: string;
};

export type RateLimiter = {
  /** Takes one from every bucket, or from none when one is empty. */
  readonly take: (counted: readonly Counted[]) => Verdict;
  /** The `RateLimit-Policy` field of these policies. */
  readonly policies: (names: readonly string[]) => string;
};

export type RateLimiterOptions = {
  readonly rates: Readonly<Record<string, Rate>>;
  readonly maxBuckets: number;
  readonly now?: () => number;
};

type Bucket = { tokens: number; atMs: number; members?: Members };

/** Who has taken from a bucket lately: in this second, and in the one before. */
type Members = { sinceMs: number; current: Map<string, Bucket>; previous: Map<string, Bucket> };

const MEMBERS_WINDOW_MS = 1_000;

/**
 * Token buckets in this process's memory (docs/adr/0012). A bucket that members share lets everyone take from its upper
 * half; from the lower half each gets an equal part of the rate, so that one who asks all the time leaves room for the
 * others. Header fields follow draft-ietf-httpapi-ratelimit-headers-10.
 */
export const createRateLimiter = ({
  rates,
  maxBuckets,
  now = performance.now.bind(performance),
}: RateLimiterOptions): RateLimiter => {
  const buckets = boundedCache<Bucket>(maxBuckets);

  const rateOf = (policy: string): Rate => {
    const rate = rates[policy];
    if (rate === undefined) throw new Error(`no rate for ${policy}`);
    return rate;
  };

  /** What is left of the member's own part of a shared bucket's rate. */
  const shareOf = (bucket: Bucket, member: string, { perS }: Rate, nowMs: number): Share => {
    const members = (bucket.members ??= { sinceMs: nowMs, current: new Map(), previous: new Map() });
    if (nowMs - members.sinceMs >= MEMBERS_WINDOW_MS) {
      members.previous = members.current;
      members.current = new Map();
      members.sinceMs = nowMs;
    }
    const { current, previous } = members;
    const known = current.get(member) ?? previous.get(member);
    const own = known ?? { tokens: Number.POSITIVE_INFINITY, atMs: nowMs };
    current.set(member, own);
    const ownPerS = perS / Math.max(current.size, previous.size);
    own.tokens = Math.min(Math.max(1, ownPerS), own.tokens + ((nowMs - own.atMs) / 1_000) * ownPerS);
    own.atMs = nowMs;
    return { own, ownPerS };
  };

  /** The bucket as it is now: filled for the time that has passed. */
  const bucketOf = ({ policy, name }: Counted, { perS, burst }: Rate, nowMs: number): Bucket => {
    const key = `${policy}\0${name}`;
    const known = buckets.get(key);
    if (known === undefined) {
      const full = { tokens: burst, atMs: nowMs };
      buckets.set(key, full);
      return full;
    }
    known.tokens = Math.min(burst, known.tokens + ((nowMs - known.atMs) / 1_000) * perS);
    known.atMs = nowMs;
    return known;
  };

  return {
    take: (counted) => {
      const nowMs = now();
      const filled = counted.map((one) => {
        const rate = rateOf(one.policy);
        const bucket = bucketOf(one, rate, nowMs);
        const share = one.member === undefined ? undefined : shareOf(bucket, one.member, rate, nowMs);
        return { policy: one.policy, rate, bucket, share };
      });
      const [first, ...others] = filled;
      if (first === undefined) throw new Error("nothing to count");
      const isAllowed = filled.every(
        ({ bucket, rate, share }) =>
          bucket.tokens >= 1 && (share === undefined || share.own.tokens >= 1 || bucket.tokens > rate.burst / 2),
      );
      if (isAllowed) {
        for (const { bucket, share } of filled) {
          bucket.tokens -= 1;
          if (share) share.own.tokens = Math.max(0, share.own.tokens - 1);
        }
      }
      const tightest = others.reduce((least, one) => (one.bucket.tokens < least.bucket.tokens ? one : least), first);
      const { policy, rate, bucket, share } = tightest;
      const refillS = Math.ceil((rate.burst - bucket.tokens) / rate.perS);
      return {
        isAllowed,
        retryAfterS: isAllowed ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / rate.perS), secondsUntilShare(share)),
        rateLimit: `"${policy}";r=${Math.floor(bucket.tokens)};t=${refillS}`,
      };
    },
    policies: (names) =>
      names
        .map((name) => {
          const { perS, burst } = rateOf(name);
          return `"${name}";q=${burst};w=${Math.max(1, Math.ceil(burst / perS))}`;
        })
        .join(", "),
  };
};

type Share = { readonly own: Bucket; readonly ownPerS: number };

const secondsUntilShare = (share: Share | undefined): number =>
  share === undefined || share.own.tokens >= 1 ? 0 : Math.ceil((1 - share.own.tokens) / share.ownPerS);
