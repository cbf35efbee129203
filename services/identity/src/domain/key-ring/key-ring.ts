import type { KeyRing, KeyRing_Key } from "@keynode/contracts/crm/identity/v1/key_ring";
import type { KeyRingKeyPublished, KeyRingKeyRemoved } from "@keynode/contracts/crm/identity/v1/key_ring_events";
import type { Decider, Tagged } from "@keynode/decider/decider";

/** The ring as stored: the resource, and the private halves, sealed. */
export type KeyRingState = KeyRing & {
  /** By key id: the private half as the sealing key wrote it. */
  sealedKeys?: Readonly<Record<string, string>> | undefined;
};

/** A key that was made, in case one is needed. */
export type NewKey = { readonly keyId: string; readonly publicKey: string; readonly sealedKey: string };

/** Does whatever the time asks for: publishes the next key, takes away those that are through. */
export type TurnKeyRing = { readonly type: "TurnKeyRing" };

export type KeyRingEvent = Tagged<{
  KeyRingKeyPublished: KeyRingKeyPublished & { readonly sealedKey?: string | undefined };
  KeyRingKeyRemoved: KeyRingKeyRemoved;
}>;

/** How long a key signs, and how long its last token lives. */
export type KeyTimes = { readonly signMs: number; readonly tokenMs: number };

/** A key is published this long before it signs; whoever verifies asks for keys far more often. */
const publishedMs = 3_600_000;

export type KeyRingContext = { readonly now: Date; readonly times: KeyTimes; readonly newKey: NewKey };

/** Turning a ring that needs nothing yields []. */
export const keyRingDecider: Decider<TurnKeyRing, KeyRingState, KeyRingEvent, KeyRingContext> = {
  decide: (_command, state, { now, times, newKey }) => {
    const keys = state?.keys ?? [];
    const gone = keys.filter((key) => removalMs(keys, key, times) <= now.getTime());
    const dueMs = publishingMs(keys, times);
    if (dueMs > now.getTime()) return gone.map(removed);
    const { keyId, publicKey, sealedKey } = newKey;
    // The first key signs at once; another has to be known everywhere before it does, however late it comes.
    const signTime = keys.length === 0 ? now : new Date(Math.max(dueMs, now.getTime()) + leadMs(times));
    return [{ type: "KeyRingKeyPublished", key: { keyId, publicKey, signTime }, sealedKey }, ...gone.map(removed)];
  },
  evolve: (state = blank, event) => {
    switch (event.type) {
      case "KeyRingKeyPublished": {
        const { key, sealedKey } = event;
        if (key === undefined) return state;
        const sealedKeys = sealedKey === undefined ? state.sealedKeys : { ...state.sealedKeys, [key.keyId]: sealedKey };
        return { ...state, keys: [...state.keys, key], sealedKeys };
      }
      case "KeyRingKeyRemoved": {
        const { [event.keyId]: _gone, ...sealedKeys } = state.sealedKeys ?? {};
        return { ...state, keys: state.keys.filter(({ keyId }) => keyId !== event.keyId), sealedKeys };
      }
    }
  },
};

/** The key that signs now: of those whose time has come, the latest. */
export const signingKeyOf = (keys: readonly KeyRing_Key[], now: Date): KeyRing_Key | undefined =>
  keys.findLast((key) => signMsOf(key) <= now.getTime());

/** When the ring has to be turned next. */
export const turnTime = (keys: readonly KeyRing_Key[], times: KeyTimes): Date =>
  new Date(Math.min(publishingMs(keys, times), ...keys.map((key) => removalMs(keys, key, times))));

const publishingMs = (keys: readonly KeyRing_Key[], times: KeyTimes): number => {
  const latest = keys.at(-1);
  return latest === undefined ? 0 : signMsOf(latest) + times.signMs - leadMs(times);
};

/** Keys that take turns faster than that are known for a quarter of their time. */
const leadMs = ({ signMs }: KeyTimes): number => Math.min(publishedMs, signMs / 4);

/** A key goes once the last token that it may have signed has expired; never while no later one signs. */
const removalMs = (keys: readonly KeyRing_Key[], key: KeyRing_Key, { tokenMs }: KeyTimes): number => {
  const next = keys[keys.indexOf(key) + 1];
  return next === undefined ? Number.POSITIVE_INFINITY : signMsOf(next) + tokenMs;
};

const signMsOf = ({ signTime }: KeyRing_Key): number => signTime?.getTime() ?? 0;

const removed = ({ keyId }: KeyRing_Key): KeyRingEvent => ({ type: "KeyRingKeyRemoved", keyId });

const blank: KeyRingState = { id: "", ownerId: "", teamId: "", etag: "", keys: [] };
