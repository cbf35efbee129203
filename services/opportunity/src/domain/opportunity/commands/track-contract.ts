import type { ContractNews, OpportunityRule } from "../command.ts";
import type { OpportunityState } from "../state.ts";

/** A contract was drafted for the deal or brought back. News that was known or is outdated yields []. */
export const linkContract: OpportunityRule<"LinkContract"> = ({ contractId, contractVersion }, state) =>
  isNews({ contractId, contractVersion }, state)
    ? [{ type: "OpportunityContractLinked", contractId, contractVersion, signed: false }]
    : [];

/**
 * The deal's contract was cancelled or deleted. It is noted even of a contract we have not heard of yet, so that its
 * drafting, should that come later, does not link it. News that was known or is outdated yields [].
 */
export const unlinkContract: OpportunityRule<"UnlinkContract"> = ({ contractId, contractVersion }, state) =>
  isNews({ contractId, contractVersion }, state)
    ? [{ type: "OpportunityContractUnlinked", contractId, contractVersion }]
    : [];

/** Events come in any order: the contract's version decides, and a signature outlasts everything. */
const isNews = ({ contractId, contractVersion }: ContractNews, { contracts = [] }: OpportunityState): boolean => {
  const known = contracts.find(({ id }) => id === contractId);
  return known === undefined || (known.standing !== "SIGNED" && known.version < contractVersion);
};
