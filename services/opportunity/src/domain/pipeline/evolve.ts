import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { withChanges } from "@keynode/decider/record";
import type { PipelineEvent } from "./events.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: Pipeline | undefined, event: PipelineEvent): Pipeline => {
  if (event.type === "PipelineCreated") return event.pipeline as Pipeline;
  return evolvePipeline(state as Pipeline, event);
};

const evolvePipeline = (state: Pipeline, event: Exclude<PipelineEvent, { type: "PipelineCreated" }>): Pipeline => {
  switch (event.type) {
    case "PipelineEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "PipelineDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "PipelineRestored":
      return { ...state, deleteTime: undefined };
    case "PipelineReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
  }
};
