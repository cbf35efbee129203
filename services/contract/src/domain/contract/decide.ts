import { deleted, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import type { ContractCommand } from "./command.ts";
import { acceptClause } from "./commands/accept-clause.ts";
import { addClause } from "./commands/add-clause.ts";
import { cancelContract } from "./commands/cancel-contract.ts";
import { createContract } from "./commands/create-contract.ts";
import { proposePosition } from "./commands/propose-position.ts";
import { removeClause } from "./commands/remove-clause.ts";
import { signContract } from "./commands/sign-contract.ts";
import { updateContract } from "./commands/update-contract.ts";
import type { ContractContext } from "./context.ts";
import type { ContractEvent } from "./events.ts";
import { refuseSigned } from "./refusals.ts";
import type { ContractState } from "./state.ts";

export const decide = decideBy<ContractCommand, ContractState, ContractEvent, ContractContext>({
  CreateContract: createContract,
  UpdateContract: onRecord(updateContract),
  AddClause: onRecord(addClause),
  RemoveClause: onRecord(removeClause),
  ProposePosition: onRecord(proposePosition),
  AcceptClause: onRecord(acceptClause),
  SignContract: onRecord(signContract),
  CancelContract: onRecord(cancelContract),
  ReassignContract: onRecord((to, state) => reassigned("Contract", state, to)),
  DeleteContract: onRecord((_command, state, context) => refuseSigned(state) ?? deleted("Contract", state, context)),
  UndeleteContract: onRecord((_command, state) => restored("Contract", state)),
});
