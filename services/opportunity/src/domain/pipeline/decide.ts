import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { type Clock, deleted, edited, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";
import type { PipelineCommand } from "./command.ts";
import type { PipelineEvent } from "./events.ts";
import { refuseStages } from "./stages.ts";

export const decide = decideBy<PipelineCommand, Pipeline, PipelineEvent, Clock>({
  CreatePipeline: ({ pipeline }) =>
    pipeline === undefined ? [] : (refuseStages(pipeline) ?? [{ type: "PipelineCreated", pipeline }]),
  UpdatePipeline: onRecord(({ pipeline, updateMask = [] }, state, context) => {
    if (pipeline === undefined) return [];
    const after = withChanges(state, pipeline, updateMask);
    return (
      refuseStages(after) ?? refuseRemoval(state, after) ?? edited("Pipeline", state, pipeline, updateMask, context)
    );
  }),
  DeletePipeline: onRecord((_command, state, context) =>
    state.default && state.deleteTime === undefined ? reject("PIPELINE_DEFAULT") : deleted("Pipeline", state, context),
  ),
  UndeletePipeline: onRecord((_command, state) => restored("Pipeline", state)),
  ReassignPipeline: onRecord((to, state) => reassigned("Pipeline", state, to)),
});

/** Deals may stand in a stage long after nobody looks at it any more. */
const refuseRemoval = (before: Pipeline, after: Pipeline): DomainError | undefined => {
  const removed = before.stages.filter(({ key }) => !after.stages.some((stage) => stage.key === key));
  return removed.length === 0
    ? undefined
    : reject("PIPELINE_STAGE_REMOVED", { stageKeys: removed.map(({ key }) => key).join(", ") });
};
