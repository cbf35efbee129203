import { reject } from "@keynode/decider/domain-error";
import { refuseIllegalMove, refuseUnknownStage } from "../../pipeline/stages.ts";
import type { OpportunityRule } from "../command.ts";
import { refuseClosed } from "../refusals.ts";

/** C-048. Naming the present stage yields []. Errors: OPPORTUNITY_CLOSED, STAGE_UNKNOWN, STAGE_SKIPPED. */
export const advanceStage: OpportunityRule<"AdvanceStage"> = ({ stageKey }, state, { now, actor, pipeline }) => {
  const closed = refuseClosed(state);
  if (closed !== undefined) return closed;
  if (stageKey === state.stageKey) return [];
  if (pipeline === undefined) return reject("STAGE_UNKNOWN", { stageKey });
  return (
    refuseUnknownStage(pipeline, stageKey) ??
    refuseIllegalMove(pipeline, state.stageKey, stageKey) ?? [
      {
        type: "OpportunityStageAdvanced",
        change: { fromKey: state.stageKey, toKey: stageKey, time: now, movedBy: actor },
        pipelineId: state.pipelineId,
        accountId: state.accountId,
      },
    ]
  );
};
