import type {
  PipelineCreated,
  PipelineDeleted,
  PipelineEdited,
  PipelineReassigned,
  PipelineRestored,
} from "@keynode/contracts/crm/opportunity/v1/pipeline_events";
import type { Tagged } from "@keynode/decider/decider";

export type PipelineEvent = Tagged<{
  PipelineCreated: PipelineCreated;
  PipelineEdited: PipelineEdited;
  PipelineDeleted: PipelineDeleted;
  PipelineRestored: PipelineRestored;
  PipelineReassigned: PipelineReassigned;
}>;
