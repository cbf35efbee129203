import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import * as codecs from "@keynode/contracts/crm/opportunity/v1/pipeline_events";
import type { Clock } from "@keynode/decider/crud";
import { listIndexes } from "@keynode/query/listing";
import { pipelineListing } from "./api/list.ts";
import type { PipelineCommand } from "./domain/pipeline/command.ts";
import { decide } from "./domain/pipeline/decide.ts";
import type { PipelineEvent } from "./domain/pipeline/events.ts";
import { evolve } from "./domain/pipeline/evolve.ts";

export const pipelineAggregate = defineAggregate<Pipeline, PipelineCommand, PipelineEvent, Clock>({
  name: "pipeline",
  collection: "pipelines",
  decider: { decide, evolve },
  events: codecs,
  onDeleted: ["DeletePipeline", "UndeletePipeline"],
  indexes: listIndexes(pipelineListing),
});

export type PipelineStore = Store<Pipeline, PipelineCommand, PipelineEvent, Clock>;
