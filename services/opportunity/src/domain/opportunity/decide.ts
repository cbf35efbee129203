import { reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import type { OpportunityCommand } from "./command.ts";
import { advanceStage } from "./commands/advance-stage.ts";
import { createOpportunity } from "./commands/create-opportunity.ts";
import { deleteOpportunity } from "./commands/delete-opportunity.ts";
import { importOpportunity } from "./commands/import-opportunity.ts";
import { loseOpportunity } from "./commands/lose-opportunity.ts";
import { openFromLead } from "./commands/open-from-lead.ts";
import { reopenOpportunity } from "./commands/reopen-opportunity.ts";
import { linkContract, unlinkContract } from "./commands/track-contract.ts";
import { updateOpportunity } from "./commands/update-opportunity.ts";
import { winByContract } from "./commands/win-by-contract.ts";
import { winOpportunity } from "./commands/win-opportunity.ts";
import type { OpportunityContext } from "./context.ts";
import type { OpportunityEvent } from "./events.ts";
import type { OpportunityState } from "./state.ts";

export const decide = decideBy<OpportunityCommand, OpportunityState, OpportunityEvent, OpportunityContext>({
  CreateOpportunity: createOpportunity,
  ImportOpportunity: importOpportunity,
  OpenFromLead: openFromLead,
  UpdateOpportunity: onRecord(updateOpportunity),
  AdvanceStage: onRecord(advanceStage),
  WinOpportunity: onRecord(winOpportunity),
  LoseOpportunity: onRecord(loseOpportunity),
  ReopenOpportunity: onRecord(reopenOpportunity),
  LinkContract: onRecord(linkContract),
  UnlinkContract: onRecord(unlinkContract),
  WinByContract: onRecord(winByContract),
  ReassignOpportunity: onRecord((to, state) => reassigned("Opportunity", state, to)),
  DeleteOpportunity: onRecord(deleteOpportunity),
  UndeleteOpportunity: onRecord((_command, state) => restored("Opportunity", state)),
});
