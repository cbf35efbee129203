import { reactionScope, settled } from "@keynode/api/reaction";
import { isServiceActor } from "@keynode/auth/principal";
import { TemplateApplicationRequested } from "@keynode/contracts/crm/identity/v1/template_application_events";
import { SavedView } from "@keynode/contracts/crm/integration/v1/saved_view";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { listedCollections } from "../api/collections.ts";
import type { SavedViewStore } from "../saved-view.ts";

/** C-019. Saves the views of a template that a tenant applied, for everybody, under the ids that the event names: each once. */
export const onTemplateApplied = (views: SavedViewStore, { name, now, log }: ServiceTools): Reactor => {
  const collections = listedCollections();
  return {
    name: "on-template-applied",
    from: { identity: ["TemplateApplicationRequested"] },
    handle: async (event) => {
      const { parts, views: wanted } = TemplateApplicationRequested.decode(event.data);
      const scope = reactionScope(name, event, now());
      for (const { kind, key, recordId, outcome } of parts) {
        const given = wanted.find((view) => view.key === key);
        if (kind !== "SAVED_VIEW" || outcome !== "PENDING" || given === undefined) continue;
        const { displayName, collection, filter, orderBy, columns } = given;
        const savedView = SavedView.fromPartial({
          ownerId: isServiceActor(event.actor) ? "" : event.actor,
          name: [displayName?.zh, displayName?.en].filter(Boolean).join(" "),
          collection,
          filter,
          orderBy,
          columns,
          shared: true,
        });
        const command = { type: "CreateSavedView", savedView } as const;
        settled(
          await views.create(command, scope, (attempt) => ({ now: attempt.now, collections }), recordId),
          event,
          log,
        );
      }
    },
  };
};
