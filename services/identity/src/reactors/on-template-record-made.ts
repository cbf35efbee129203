import { reactionScope, settled } from "@keynode/api/reaction";
import type { TemplateApplication } from "@keynode/contracts/crm/identity/v1/template_application";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { Filter } from "mongodb";
import type { TemplateApplicationStore } from "../template-application.ts";

/** C-019. A pipeline or a view that a template was waiting for has been made by its own service. */
export const onTemplateRecordMade = (
  applications: TemplateApplicationStore,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-template-record-made",
  from: { opportunity: ["PipelineCreated"], integration: ["SavedViewCreated"] },
  handle: async (event) => {
    const { tenant, recordId } = event;
    const waiting = {
      tenant,
      "state.parts": { $elemMatch: { recordId, outcome: "PENDING" } },
    } as Filter<AggregateDocument<TemplateApplication>>;
    const found = await applications.collection.findOne(waiting);
    const part = found?.state.parts.find((each) => each.recordId === recordId);
    if (found === null || part === undefined) return;
    const settle = { type: "SettleTemplateParts", parts: [{ ...part, outcome: "CREATED" as const }] } as const;
    const scope = reactionScope(name, event, now());
    settled(await applications.execute(found._id, settle, scope, (attempt) => ({ now: attempt.now })), event, log);
  },
});
