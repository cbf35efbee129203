import type { ContractRule } from "../command.ts";
import { refuseSigned } from "../refusals.ts";

/** C-055. Cancelling a cancelled contract yields []. Errors: CONTRACT_SIGNED. */
export const cancelContract: ContractRule<"CancelContract"> = ({ reason }, state) => {
  if (state.status === "CANCELLED") return [];
  return refuseSigned(state) ?? [{ type: "ContractCancelled", reason, opportunityId: state.opportunityId }];
};
