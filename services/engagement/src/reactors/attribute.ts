import { reactionScope, settled } from "@keynode/api/reaction";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Recorded } from "@keynode/messaging/recorded";
import type { CustomersChildren, OfCustomer } from "@keynode/runtime/customers-children";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import type { Filter } from "mongodb";
import { behaviourContext } from "../api/context.ts";
import type { BehaviourStore } from "../behaviour.ts";
import type { BehaviourState } from "../domain/behaviour/behaviour.ts";

/** Gives the behaviours that fit to the person they turn out to be of, and so to whom that customer belongs. */
export const attribute = async (
  behaviours: BehaviourStore,
  { name, now, log }: ServiceTools,
  event: Recorded,
  fits: Filter<AggregateDocument<BehaviourState>>,
  person: OfCustomer,
  followed: CustomersChildren,
): Promise<void> => {
  const found = behaviours.collection.find({ tenant: event.tenant, ...fits }, { projection: { "state.ownerId": 1 } });
  for await (const { _id, state } of found) {
    const command = { type: "AttributeBehaviour", ...person } as const;
    const scope = reactionScope(name, event, now());
    const outcome = settled(await behaviours.execute(_id, command, scope, behaviourContext), event, log);
    if (outcome !== undefined) await followed.settle(_id, outcome.state, state.ownerId, event);
  }
};
