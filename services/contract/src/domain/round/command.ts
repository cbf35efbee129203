import type { Contract_Party } from "@keynode/contracts/crm/contract/v1/contract";
import type { Round } from "@keynode/contracts/crm/contract/v1/round";
import type { Tagged } from "@keynode/decider/decider";

/** Commands that only the contract's own events give. */
export type RoundCommand = Tagged<{
  OpenRound: { round: Round };
  AcceptRound: { party: Contract_Party };
  /** The contract went to another owner or team, and its rounds go with it. */
  ReassignRound: { ownerId: string; teamId: string };
}>;
