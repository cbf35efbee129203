import { isDomainError } from "@keynode/decider/domain-error";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type KeyRingContext,
  keyRingDecider,
  type KeyRingEvent,
  type KeyRingState,
  signingKeyOf,
  turnTime,
} from "../../src/domain/key-ring/key-ring.ts";

const hourMs = 3_600_000;
const times = { signMs: 100 * hourMs, tokenMs: 605_000 };
const startMs = Date.UTC(2026, 0, 5);
const at = (hours: number) => new Date(startMs + hours * hourMs);

const contextAt = (now: Date, number: number): KeyRingContext => ({
  now,
  times,
  newKey: { keyId: `k${number}`, publicKey: `x${number}`, sealedKey: `sealed ${number}` },
});
const published = (number: number, signTime: Date): KeyRingEvent => ({
  type: "KeyRingKeyPublished",
  key: { keyId: `k${number}`, publicKey: `x${number}`, signTime },
  sealedKey: `sealed ${number}`,
});
const turn = { type: "TurnKeyRing" } as const;
const rules = specify(keyRingDecider);

describe("a key ring", () => {
  it("begins with a key that signs at once", () => {
    rules
      .given()
      .when(turn, contextAt(at(0), 1))
      .then(published(1, at(0)));
  });
  it("is quiet while the key has time left", () => {
    rules
      .given(published(1, at(0)))
      .when(turn, contextAt(at(98.9), 2))
      .thenNothing();
  });
  it("publishes the next key before it signs, and goes on signing by the one before until then", () => {
    rules
      .given(published(1, at(0)))
      .when(turn, contextAt(at(99), 2))
      .thenTypes(["KeyRingKeyPublished"], ({ keys }) => {
        expect(keys.map(({ keyId }) => keyId)).toEqual(["k1", "k2"]);
        expect(signingKeyOf(keys, at(99.5))?.keyId).toBe("k1");
        expect(signingKeyOf(keys, at(100))?.keyId).toBe("k2");
      });
  });
  it("keeps a key until the last token that it signed has expired, then takes away both of its halves", () => {
    const turned = rules.given(published(1, at(0)), published(2, at(100)));
    turned.when(turn, contextAt(at(100), 3)).thenNothing();
    turned
      .when(turn, contextAt(new Date(at(100).getTime() + times.tokenMs), 3))
      .thenTypes(["KeyRingKeyRemoved"], (state) => {
        expect(state.keys.map(({ keyId }) => keyId)).toEqual(["k2"]);
        expect(state.sealedKeys).toEqual({ k2: "sealed 2" });
      });
  });
  it("that slept for long publishes a key before it signs by it all the same", () => {
    rules
      .given(published(1, at(0)))
      .when(turn, contextAt(at(1_000), 2))
      .then(published(2, at(1_001)));
  });
});

it("however late a ring is turned, some key signs, every key that may have signed a living token is there, and the ring stays small", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 * hourMs }), { maxLength: 30 }), (waits) => {
      let state: KeyRingState | undefined;
      let now = at(0);
      let signers: { keyId: string; untilMs: number }[] = [];
      for (const [number, waitMs] of [0, ...waits].entries()) {
        // The alarm comes at its time or, after downtime, later.
        const dueMs = state === undefined ? now.getTime() : turnTime(state.keys, times).getTime();
        now = new Date(Math.max(dueMs, now.getTime()) + waitMs);
        const events = keyRingDecider.decide(turn, state, contextAt(now, number));
        if (isDomainError(events)) throw new Error(events.reason);
        state = events.reduce<KeyRingState | undefined>(keyRingDecider.evolve, state);
        const keys = state?.keys ?? [];
        const signing = signingKeyOf(keys, now);
        expect(signing).toBeDefined();
        signers = signers.filter(({ untilMs }) => untilMs > now.getTime());
        for (const { keyId } of signers) expect(keys.map((key) => key.keyId)).toContain(keyId);
        signers.push({ keyId: signing?.keyId ?? "", untilMs: now.getTime() + times.tokenMs });
        expect(keys.length).toBeLessThanOrEqual(3);
      }
    }),
  );
});
