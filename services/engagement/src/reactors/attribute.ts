import { reactionScope, settled } from "@keynode/api/reaction";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Recorded } from "@keynode/messaging/recorded";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import type { Filter } from "mongodb";
import { behaviourContext } from "../api/context.ts";
import type { BehaviourStore } from "../behaviour.ts";
import type { BehaviourState } from "../domain/behaviour/behaviour.ts";

/** Gives the behaviours that fit to the person they turn out to be of. */
export const attribute = async (
  behaviours: BehaviourStore,
  { name, now, log }: ServiceTools,
  event: Recorded,
  fits: Filter<AggregateDocument<BehaviourState>>,
  person: { readonly leadId: string; readonly accountId: string },
): Promise<void> => {
  const found = behaviours.collection.find({ tenant: event.tenant, ...fits }, { projection: { _id: 1 } });
  for await (const { _id } of found) {
    const command = { type: "AttributeBehaviour", ...person } as const;
    settled(await behaviours.execute(_id, command, reactionScope(name, event, now()), behaviourContext), event, log);
  }
};
