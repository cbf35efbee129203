import type {
  CreatePipelineRequest,
  DeletePipelineRequest,
  UndeletePipelineRequest,
  UpdatePipelineRequest,
} from "@keynode/contracts/crm/opportunity/v1/pipeline_service";
import type { Reassign } from "@keynode/decider/crud";
import type { Tagged } from "@keynode/decider/decider";

export type PipelineCommand = Tagged<{
  CreatePipeline: CreatePipelineRequest;
  UpdatePipeline: UpdatePipelineRequest;
  DeletePipeline: DeletePipelineRequest;
  UndeletePipeline: UndeletePipelineRequest;
  ReassignPipeline: Reassign;
}>;
