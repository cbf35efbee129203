import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/engagement/v1/behaviour_events";
import { listIndexes } from "@keynode/query/listing";
import { behaviourListing } from "./api/list.ts";
import {
  type BehaviourCommand,
  type BehaviourContext,
  type BehaviourEvent,
  type BehaviourState,
  decide,
  evolve,
} from "./domain/behaviour/behaviour.ts";

export type BehaviourStore = Store<BehaviourState, BehaviourCommand, BehaviourEvent, BehaviourContext>;

export const behaviourAggregate = defineAggregate<BehaviourState, BehaviourCommand, BehaviourEvent, BehaviourContext>({
  name: "behaviour",
  collection: "behaviours",
  decider: { decide, evolve },
  events: codecs,
  indexes: listIndexes(behaviourListing),
});
