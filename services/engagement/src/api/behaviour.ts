import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Behaviour } from "@keynode/contracts/crm/engagement/v1/behaviour";
import type { BehaviourServiceService } from "@keynode/contracts/crm/engagement/v1/behaviour_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { CustomersChildren } from "@keynode/runtime/customers-children";
import type { BehaviourStore } from "../behaviour.ts";
import { engagementErrors } from "../domain/errors.ts";
import { behaviourContext } from "./context.ts";
import { behaviourListing } from "./list.ts";

/** One entry per rpc of BehaviourService; a behaviour is a fact, which nobody changes. */
export const behaviourApi = (
  behaviours: BehaviourStore,
  followed: Pick<CustomersChildren, "belonging">,
): Handlers<typeof BehaviourServiceService> => {
  const { createBehaviour, batchCreateBehaviours, getBehaviour, listBehaviours } = standardRpcs(behaviours, {
    name: "Behaviour",
    field: "behaviour",
    rows: "behaviours",
    typeName: "crm.engagement.v1.Behaviour",
    fromPartial: Behaviour.fromPartial,
    listing: behaviourListing,
    errors: engagementErrors,
    context: behaviourContext,
    // Whoever records what visitors do need not see the customers that they are: what is recorded is not theirs to read.
    parentOf: (behaviour, { tenant }) => followed.belonging(tenant, behaviour),
  });
  return { createBehaviour, batchCreateBehaviours, getBehaviour, listBehaviours };
};
