import type { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import type {
  AdvanceStageRequest,
  CreateOpportunityRequest,
  DeleteOpportunityRequest,
  ImportOpportunityRequest,
  LoseOpportunityRequest,
  ReassignOpportunityRequest,
  ReopenOpportunityRequest,
  UndeleteOpportunityRequest,
  UpdateOpportunityRequest,
  WinOpportunityRequest,
} from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import type { Money } from "@keynode/contracts/google/type/money";
import type { CalendarDate } from "@keynode/decider/calendar-date";
import type { DecisionTable, RecordRule, Tagged } from "@keynode/decider/decider";
import type { OpportunityContext } from "./context.ts";
import type { OpportunityEvent } from "./events.ts";
import type { OpportunityState } from "./state.ts";

/** A lead is converted. Its account is made at the same time, so it need not be there yet. */
export type OpenFromLead = { opportunity: Opportunity };

/** What a contract's service told of it, at one version of the contract. */
export type ContractNews = { contractId: string; contractVersion: number };

/** The contract was signed: worth `value`, on `signedDate`. */
export type WinByContract = ContractNews & { value?: Money | undefined; signedDate?: CalendarDate | undefined };

export type OpportunityCommand = Tagged<{
  CreateOpportunity: CreateOpportunityRequest;
  ImportOpportunity: ImportOpportunityRequest;
  OpenFromLead: OpenFromLead;
  UpdateOpportunity: UpdateOpportunityRequest;
  AdvanceStage: AdvanceStageRequest;
  WinOpportunity: WinOpportunityRequest;
  LoseOpportunity: LoseOpportunityRequest;
  ReopenOpportunity: ReopenOpportunityRequest;
  LinkContract: ContractNews;
  UnlinkContract: ContractNews;
  WinByContract: WinByContract;
  ReassignOpportunity: ReassignOpportunityRequest;
  DeleteOpportunity: DeleteOpportunityRequest;
  UndeleteOpportunity: UndeleteOpportunityRequest;
}>;

/** The rule of one command on an existing deal. */
export type OpportunityRule<Type extends OpportunityCommand["type"]> = RecordRule<
  Extract<OpportunityCommand, { type: Type }>,
  OpportunityState,
  OpportunityEvent,
  OpportunityContext
>;

/** The rule of one command that makes a deal. */
export type OpportunityBeginning<Type extends OpportunityCommand["type"]> = DecisionTable<
  OpportunityCommand,
  OpportunityState,
  OpportunityEvent,
  OpportunityContext
>[Type];
