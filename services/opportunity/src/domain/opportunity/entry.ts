import type { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { refuseUnknownStage } from "../pipeline/stages.ts";
import type { OpportunityContext } from "./context.ts";

/**
 * A new deal standing in the stage that it names, or in its pipeline's first one.
 * Errors: PIPELINE_NOT_FOUND, STAGE_UNKNOWN.
 */
export const entered = (
  opportunity: Opportunity,
  { pipeline, now, actor }: OpportunityContext,
): Opportunity | DomainError => {
  if (pipeline === undefined) return reject("PIPELINE_NOT_FOUND", { pipelineId: opportunity.pipelineId });
  const stageKey = opportunity.stageKey || (pipeline.stages[0]?.key ?? "");
  return (
    refuseUnknownStage(pipeline, stageKey) ?? {
      ...opportunity,
      pipelineId: pipeline.id,
      stageKey,
      status: "OPEN",
      stageHistory: [{ fromKey: "", toKey: stageKey, time: now, movedBy: actor }],
    }
  );
};

/** A new deal in its pipeline's first stage. Errors: those of `entered`, STAGE_SKIPPED. */
export const opened = (opportunity: Opportunity, context: OpportunityContext): Opportunity | DomainError => {
  const deal = entered(opportunity, context);
  const first = context.pipeline?.stages[0]?.key ?? "";
  return isDomainError(deal) || deal.stageKey === first
    ? deal
    : reject("STAGE_SKIPPED", { from: "", to: deal.stageKey, allowed: first });
};
