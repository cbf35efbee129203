import { reactionScope, settled } from "@keynode/api/reaction";
import { isServiceActor } from "@keynode/auth/principal";
import type { Template_Pipeline } from "@keynode/contracts/crm/identity/v1/template";
import { TemplateApplicationRequested } from "@keynode/contracts/crm/identity/v1/template_application_events";
import { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { PipelineStore } from "../pipeline.ts";

/** C-019. Makes the pipelines of a template that a tenant applied, under the ids that the event names: each once. */
export const onTemplateApplied = (pipelines: PipelineStore, { name, now, log }: ServiceTools): Reactor => ({
  name: "on-template-applied",
  from: { identity: ["TemplateApplicationRequested"] },
  handle: async (event) => {
    const { parts, pipelines: wanted } = TemplateApplicationRequested.decode(event.data);
    const scope = reactionScope(name, event, now());
    for (const { kind, key, recordId, outcome } of parts) {
      const given = wanted.find((pipeline) => pipeline.key === key);
      if (kind !== "PIPELINE" || outcome !== "PENDING" || given === undefined) continue;
      const ownerId = isServiceActor(event.actor) ? "" : event.actor;
      const command = { type: "CreatePipeline", pipeline: { ...pipelineOf(given), ownerId } } as const;
      const made = await pipelines.create(command, scope, (attempt) => ({ now: attempt.now }), recordId);
      settled(made, event, log);
    }
  },
});

/** Forward step by step, and back to any stage before. */
const pipelineOf = ({ displayName, stages }: Template_Pipeline): Pipeline =>
  Pipeline.fromPartial({
    name: [displayName?.zh, displayName?.en].filter(Boolean).join(" "),
    stages: stages.map(({ key, displayName: stage, probability }) => ({
      key,
      nameEn: stage?.en || key,
      nameZh: stage?.zh || key,
      probability,
    })),
    allowedMoves: stages.flatMap(({ key: fromKey }, from) =>
      stages.slice(0, from).map(({ key: toKey }) => ({ fromKey, toKey })),
    ),
  });
