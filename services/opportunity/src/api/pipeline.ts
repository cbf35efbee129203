import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import type { PipelineServiceService } from "@keynode/contracts/crm/opportunity/v1/pipeline_service";
import type { Handlers } from "@keynode/grpc/implement";
import { refusals } from "../errors.ts";
import type { PipelineStore } from "../pipeline.ts";
import { pipelineListing } from "./list.ts";

/** One entry per rpc of PipelineService. */
export const pipelineApi = (pipelines: PipelineStore): Handlers<typeof PipelineServiceService> =>
  standardRpcs(pipelines, {
    name: "Pipeline",
    field: "pipeline",
    rows: "pipelines",
    typeName: "crm.opportunity.v1.Pipeline",
    fromPartial: Pipeline.fromPartial,
    listing: pipelineListing,
    errors: refusals,
    context: ({ now }) => ({ now }),
  });
