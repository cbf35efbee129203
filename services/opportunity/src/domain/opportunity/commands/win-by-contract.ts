import { reject } from "@keynode/decider/domain-error";
import { won } from "../close.ts";
import type { OpportunityRule } from "../command.ts";
import type { OpportunityEvent } from "../events.ts";

/**
 * C-057. The signature wins an open deal at the contract's value; one that was won by hand keeps its outcome and takes
 * the contract. Yields [] for a signature that is known. Errors: OPPORTUNITY_CLOSED on a lost deal.
 */
export const winByContract: OpportunityRule<"WinByContract"> = (command, state, context) => {
  const { contractId, contractVersion, value, signedDate } = command;
  if (state.contracts?.some(({ id, standing }) => id === contractId && standing === "SIGNED")) return [];
  if (state.status === "LOST") return reject("OPPORTUNITY_CLOSED", { status: state.status });
  const linked: OpportunityEvent = { type: "OpportunityContractLinked", contractId, contractVersion, signed: true };
  if (state.status === "WON") return [linked];
  const close = { reason: "CONTRACT_SIGNED" as const, note: "", value, closeDate: signedDate ?? context.today };
  return [linked, won(state, close, contractId, context)];
};
