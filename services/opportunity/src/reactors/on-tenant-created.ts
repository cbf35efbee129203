import { reactionScope } from "@keynode/api/reaction";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { References } from "../api/references.ts";

/** C-048. A new tenant has a pipeline to look at before its first deal. */
export const onTenantCreated = (references: References, { name, now }: ServiceTools): Reactor => ({
  name: "on-tenant-created",
  from: { identity: ["TenantCreated"] },
  handle: async (event) => {
    const { deadline } = reactionScope(name, event, now());
    await references.entryPipeline({ tenant: event.recordId, now: now(), deadline }, "");
  },
});
