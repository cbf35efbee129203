import type {
  AcceptClauseRequest,
  AddClauseRequest,
  CancelContractRequest,
  CreateContractRequest,
  DeleteContractRequest,
  ProposePositionRequest,
  ReassignContractRequest,
  RemoveClauseRequest,
  SignContractRequest,
  UndeleteContractRequest,
  UpdateContractRequest,
} from "@keynode/contracts/crm/contract/v1/contract_service";
import type { RecordRule, Tagged } from "@keynode/decider/decider";
import type { ContractContext } from "./context.ts";
import type { ContractEvent } from "./events.ts";
import type { ContractState } from "./state.ts";

export type ContractCommand = Tagged<{
  CreateContract: CreateContractRequest;
  UpdateContract: UpdateContractRequest;
  AddClause: AddClauseRequest;
  RemoveClause: RemoveClauseRequest;
  ProposePosition: ProposePositionRequest;
  AcceptClause: AcceptClauseRequest;
  SignContract: SignContractRequest;
  CancelContract: CancelContractRequest;
  ReassignContract: ReassignContractRequest;
  DeleteContract: DeleteContractRequest;
  UndeleteContract: UndeleteContractRequest;
}>;

/** The rule of one command on an existing contract. */
export type ContractRule<Type extends ContractCommand["type"]> = RecordRule<
  Extract<ContractCommand, { type: Type }>,
  ContractState,
  ContractEvent,
  ContractContext
>;
