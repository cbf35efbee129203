import { boundedCache } from "@keynode/auth/bounded-cache";

/** Requests a second on average, and how many at once after a rest. */
export type Rate = { readonly perS: number; readonly burst: number };

/** One name whose requests are counted together, under the policy's rate. */
export type Counted = { readonly policy: string; readonly name: string };

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

type Bucket = { tokens: number; atMs: number };

/**
 * Token buckets in this process's memory. Fair to the keys of a tenant as long as a key's rate is
 * well below its tenant's: none can empty the common bucket alone. Header fields follow
 * draft-ietf-httpapi-ratelimit-headers-10. A library was not worth it: rate-limiter-flexible counts
 * in fixed windows, and costs a timer per key and a promise per request.
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
        return { policy: one.policy, rate, bucket: bucketOf(one, rate, nowMs) };
      });
      const [first, ...others] = filled;
      if (first === undefined) throw new Error("nothing to count");
      const isAllowed = filled.every(({ bucket }) => bucket.tokens >= 1);
      if (isAllowed) for (const { bucket } of filled) bucket.tokens -= 1;
      const tightest = others.reduce((least, one) => (one.bucket.tokens < least.bucket.tokens ? one : least), first);
      const { policy, rate, bucket } = tightest;
      const refillS = Math.ceil((rate.burst - bucket.tokens) / rate.perS);
      return {
        isAllowed,
        retryAfterS: isAllowed ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / rate.perS)),
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
