import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/account/v1/key_node_events";
import { listIndexes } from "@keynode/query/listing";
import { keyNodeListing } from "./api/list.ts";
import { decide } from "./domain/key-node/decide.ts";
import { evolve } from "./domain/key-node/evolve.ts";
import type { KeyNodeCommand, KeyNodeContext, KeyNodeEvent, KeyNodeState } from "./domain/key-node/state.ts";

export type KeyNodeStore = Store<KeyNodeState, KeyNodeCommand, KeyNodeEvent, KeyNodeContext>;

export const keyNodeAggregate = defineAggregate<KeyNodeState, KeyNodeCommand, KeyNodeEvent, KeyNodeContext>({
  name: "keynode",
  collection: "keyNodes",
  decider: { decide, evolve },
  events: codecs,
  wakeAt: ({ status, responseDueTime }) => (status === "OPEN" ? responseDueTime : undefined),
  indexes: listIndexes(keyNodeListing),
});
