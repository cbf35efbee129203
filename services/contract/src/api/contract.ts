import type { Sequence } from "@keynode/aggregate/sequence";
import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Contract } from "@keynode/contracts/crm/contract/v1/contract";
import type { ContractServiceService } from "@keynode/contracts/crm/contract/v1/contract_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { ContractStore } from "../contract.ts";
import { refusals } from "../errors.ts";
import { contractContext } from "./context.ts";
import { contractListing } from "./list.ts";
import type { Lookup } from "./lookup.ts";

/** One entry per rpc of ContractService. */
export const contractApi = (
  contracts: ContractStore,
  lookup: Lookup,
  numbers: Sequence,
): Handlers<typeof ContractServiceService> => {
  const context = contractContext(lookup, numbers);
  return {
    ...standardRpcs(contracts, {
      name: "Contract",
      field: "contract",
      rows: "contracts",
      typeName: "crm.contract.v1.Contract",
      fromPartial: Contract.fromPartial,
      listing: contractListing,
      errors: refusals,
      context,
    }),
    addClause: command(contracts, "AddClause", context),
    removeClause: command(contracts, "RemoveClause", context),
    proposePosition: command(contracts, "ProposePosition", context),
    acceptClause: command(contracts, "AcceptClause", context),
    signContract: command(contracts, "SignContract", context),
    cancelContract: command(contracts, "CancelContract", context),
  };
};
