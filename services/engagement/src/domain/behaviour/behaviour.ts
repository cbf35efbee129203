import type { Behaviour } from "@keynode/contracts/crm/engagement/v1/behaviour";
import type {
  BehaviourAttributed,
  BehaviourReassigned,
  BehaviourRecorded,
} from "@keynode/contracts/crm/engagement/v1/behaviour_events";
import type { CreateBehaviourRequest } from "@keynode/contracts/crm/engagement/v1/behaviour_service";
import { type Reassign, reassigned } from "@keynode/decider/crud";
import { decideBy, onRecord, type Tagged } from "@keynode/decider/decider";
import { reject } from "@keynode/decider/domain-error";

export type BehaviourState = Behaviour;

export type BehaviourEvent = Tagged<{
  BehaviourRecorded: BehaviourRecorded;
  BehaviourAttributed: BehaviourAttributed;
  BehaviourReassigned: BehaviourReassigned;
}>;

export type BehaviourCommand = Tagged<{
  CreateBehaviour: CreateBehaviourRequest;
  /** The behaviour is found to be a known person's; what it has is kept. */
  AttributeBehaviour: { leadId: string; accountId: string };
  ReassignBehaviour: Reassign;
}>;

/** All that a decision about a behaviour may know besides its arguments. */
export type BehaviourContext = { readonly now: Date };

/** C-034, C-035. Errors: BEHAVIOUR_WITHOUT_PERSON. */
export const decide = decideBy<BehaviourCommand, BehaviourState, BehaviourEvent, BehaviourContext>({
  CreateBehaviour: ({ behaviour }, _state, { now }) => {
    if (behaviour === undefined) return [];
    const { visitorId, leadId, accountId } = behaviour;
    if (visitorId === "" && leadId === "" && accountId === "") return reject("BEHAVIOUR_WITHOUT_PERSON");
    return [{ type: "BehaviourRecorded", behaviour: { ...behaviour, occurTime: behaviour.occurTime ?? now } }];
  },
  AttributeBehaviour: onRecord((person, state) => {
    const leadId = state.leadId || person.leadId;
    const accountId = state.accountId || person.accountId;
    return leadId === state.leadId && accountId === state.accountId
      ? []
      : [{ type: "BehaviourAttributed", leadId, accountId }];
  }),
  ReassignBehaviour: onRecord((to, state) => reassigned("Behaviour", state, to)),
});

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: BehaviourState | undefined, event: BehaviourEvent): BehaviourState => {
  switch (event.type) {
    case "BehaviourRecorded":
      return event.behaviour as BehaviourState;
    case "BehaviourAttributed":
      return { ...(state as BehaviourState), leadId: event.leadId, accountId: event.accountId };
    case "BehaviourReassigned":
      return { ...(state as BehaviourState), ownerId: event.ownerId, teamId: event.teamId };
  }
};
