import type { ContextFor } from "@keynode/aggregate/store";
import { dateIn } from "@keynode/decider/calendar-date";
import type { Reference } from "@keynode/decider/reference";
import type { OpportunityCommand } from "../domain/opportunity/command.ts";
import type { OpportunityContext } from "../domain/opportunity/context.ts";
import type { OpportunityState } from "../domain/opportunity/state.ts";
import type { References } from "./references.ts";

/** What a decision about a deal may know: the time, the actor, and what its command makes it ask of other records. */
export const opportunityContext =
  (references: References): ContextFor<OpportunityState, OpportunityContext, OpportunityCommand> =>
  async (attempt, state, command) => {
    const { now, actor } = attempt;
    const accountOf = async (id: string): Promise<Reference> => (id === "" ? "KNOWN" : references.account(attempt, id));
    const unasked: OpportunityContext = {
      now,
      actor,
      today: dateIn("UTC", now),
      pipeline: undefined,
      account: "KNOWN",
    };
    switch (command.type) {
      case "CreateOpportunity":
      case "ImportOpportunity": {
        const { pipelineId = "", accountId = "" } = command.opportunity ?? {};
        const [pipeline, account] = await Promise.all([
          references.entryPipeline(attempt, pipelineId),
          accountOf(accountId),
        ]);
        return { ...unasked, pipeline, account };
      }
      case "OpenFromLead": {
        // A conversion is not lost to a pipeline that was deleted since it was asked for.
        const named = await references.entryPipeline(attempt, command.opportunity.pipelineId);
        return { ...unasked, pipeline: named ?? (await references.entryPipeline(attempt, "")) };
      }
      case "UpdateOpportunity": {
        const { accountId = "" } = command.opportunity ?? {};
        return accountId === state?.accountId ? unasked : { ...unasked, account: await accountOf(accountId) };
      }
      case "AdvanceStage":
        return { ...unasked, pipeline: await references.pipeline(attempt, state?.pipelineId ?? "") };
      case "WinOpportunity":
      case "LoseOpportunity":
      case "WinByContract":
        return { ...unasked, today: dateIn(await references.timeZone(attempt), now) };
      default:
        return unasked;
    }
  };
