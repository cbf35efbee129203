import type { RoundAccepted, RoundOpened, RoundReassigned } from "@keynode/contracts/crm/contract/v1/round_events";
import type { Tagged } from "@keynode/decider/decider";

export type RoundEvent = Tagged<{
  RoundOpened: RoundOpened;
  RoundAccepted: RoundAccepted;
  RoundReassigned: RoundReassigned;
}>;
