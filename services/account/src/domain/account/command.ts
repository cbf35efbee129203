import type { Account, Account_Stage } from "@keynode/contracts/crm/account/v1/account";
import type {
  CreateAccountRequest,
  DeleteAccountRequest,
  ReassignAccountRequest,
  UndeleteAccountRequest,
  UpdateAccountRequest,
} from "@keynode/contracts/crm/account/v1/account_service";
import type { RecordRule, Tagged } from "@keynode/decider/decider";
import type { AccountContext } from "./context.ts";
import type { AccountEvent } from "./events.ts";
import type { AccountState } from "./state.ts";

/** A converted lead as its account sees it. */
export type FromLead = { account: Account };
export type JoinLead = { leadId: string; needs: string[]; interests: string[] };
/** A fact that may lift the stage; it never lowers it. */
export type ReachStage = {
  stage: Exclude<Account_Stage, "STAGE_UNSPECIFIED" | "UNRECOGNIZED">;
  time: Date;
  causedBy: string;
};

export type AccountCommand = Tagged<{
  CreateAccount: CreateAccountRequest;
  CreateFromLead: FromLead;
  JoinLead: JoinLead;
  ReachStage: ReachStage;
  CountPurchases: object;
  UpdateAccount: UpdateAccountRequest;
  ReassignAccount: ReassignAccountRequest;
  DeleteAccount: DeleteAccountRequest;
  UndeleteAccount: UndeleteAccountRequest;
}>;

/** The rule of one command on an existing account. */
export type AccountRule<Type extends AccountCommand["type"]> = RecordRule<
  Extract<AccountCommand, { type: Type }>,
  AccountState,
  AccountEvent,
  AccountContext
>;
