import fc from "fast-check";
import { expect, it } from "vitest";
import { createRateLimiter } from "../../src/auth/rate-limiter.ts";

const limiterAt = (rates: Record<string, { perS: number; burst: number }>, maxBuckets = 100) => {
  const clock = { ms: 0 };
  return { clock, ...createRateLimiter({ rates, maxBuckets, now: () => clock.ms }) };
};

const KEY = [{ policy: "key", name: "a" }];

it("lets the burst through, then as many as the rate gives back", () => {
  const { take, clock } = limiterAt({ key: { perS: 2, burst: 3 } });
  expect([1, 2, 3, 4].map(() => take(KEY).isAllowed)).toEqual([true, true, true, false]);
  clock.ms = 499;
  expect(take(KEY).isAllowed).toBe(false);
  clock.ms = 500;
  expect([take(KEY).isAllowed, take(KEY).isAllowed]).toEqual([true, false]);
});

it("says what is left and how long it takes to refill", () => {
  const { take, policies } = limiterAt({ key: { perS: 2, burst: 4 }, tenant: { perS: 10, burst: 20 } });
  expect(policies(["key", "tenant"])).toBe('"key";q=4;w=2, "tenant";q=20;w=2');
  expect(take(KEY)).toEqual({ isAllowed: true, retryAfterS: 0, rateLimit: '"key";r=3;t=1' });
  for (let count = 0; count < 3; count++) take(KEY);
  expect(take(KEY)).toEqual({ isAllowed: false, retryAfterS: 1, rateLimit: '"key";r=0;t=2' });
});

it("takes from all buckets or from none", () => {
  const { take } = limiterAt({ key: { perS: 1, burst: 1 }, tenant: { perS: 1, burst: 2 } });
  const of = (name: string) => [
    { policy: "key", name },
    { policy: "tenant", name: "t" },
  ];
  expect([take(of("a")), take(of("a")), take(of("b")), take(of("c"))].map(({ isAllowed }) => isAllowed)).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

it("never lets more through than the burst and the rate allow, however the requests come", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat({ max: 500 }), { maxLength: 200 }),
      (perS, burst, pauses) => {
        const { take, clock } = limiterAt({ key: { perS, burst } });
        let allowed = 0;
        for (const pause of pauses) {
          clock.ms += pause;
          if (take(KEY).isAllowed) allowed++;
        }
        expect(allowed).toBeLessThanOrEqual(burst + (clock.ms / 1_000) * perS + 1e-6);
      },
    ),
  );
});

it("a caller who never stops asking leaves the others of its tenant their share", () => {
  const { take, clock } = limiterAt({ key: { perS: 1_000, burst: 2_000 }, tenant: { perS: 100, burst: 200 } });
  const of = (name: string) => [
    { policy: "key", name },
    { policy: "tenant", name: "t", member: name },
  ];
  let greedy = 0;
  let modest = 0;
  for (let ms = 0; ms < 20_000; ms++) {
    clock.ms = ms;
    for (let count = 0; count < 3; count++) if (take(of("greedy")).isAllowed && ms >= 10_000) greedy++;
    // Forty a second, from the tenth second on: less than half of the tenant's hundred.
    if (ms >= 10_000 && ms % 25 === 0 && take(of("modest")).isAllowed) modest++;
  }
  expect(modest).toBeGreaterThan(390);
  expect(greedy).toBeGreaterThan(450);
  expect(greedy + modest).toBeLessThanOrEqual(1_000 + 200);
});

it("a caller who is alone has its tenant's whole rate", () => {
  const { take, clock } = limiterAt({ tenant: { perS: 100, burst: 200 } });
  let allowed = 0;
  for (let ms = 0; ms < 10_000; ms++) {
    clock.ms = ms;
    if (take([{ policy: "tenant", name: "t", member: "only" }]).isAllowed) allowed++;
  }
  expect(allowed).toBeGreaterThanOrEqual(1_100 - 1);
});
