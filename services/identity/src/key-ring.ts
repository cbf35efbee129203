import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import * as codecs from "@keynode/contracts/crm/identity/v1/key_ring_events";
import {
  type KeyRingContext,
  keyRingDecider,
  type KeyRingEvent,
  type KeyRingState,
  type KeyTimes,
  turnTime,
  type TurnKeyRing,
} from "./domain/key-ring/key-ring.ts";

export const keyRingAggregate = (times: KeyTimes) =>
  defineAggregate<KeyRingState, TurnKeyRing, KeyRingEvent, KeyRingContext>({
    name: "keyring",
    collection: "keyRings",
    decider: keyRingDecider,
    events: codecs,
    wakeAt: ({ keys }) => turnTime(keys, times),
  });

export type KeyRingStore = Store<KeyRingState, TurnKeyRing, KeyRingEvent, KeyRingContext>;

/** The ring belongs to no tenant; this stands in its place. */
export const platform = "platform";

export const keyRingId = derivedId("keyring", platform);
