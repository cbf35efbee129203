import { SavedViewServiceService } from "@keynode/contracts/crm/integration/v1/saved_view_service";
import { implement } from "@keynode/grpc/implement";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { savedViewApi } from "./api/saved-view.ts";
import { savedViewErrors } from "./domain/saved-view/errors.ts";
import { onTemplateApplied } from "./reactors/on-template-applied.ts";
import { savedViewAggregate } from "./saved-view.ts";

/** Composition root: the only wiring. */
export const integrationService: ServiceDefinition = {
  name: "integration",
  errors: savedViewErrors,
  build: (tools) => {
    const views = tools.store(savedViewAggregate);
    return {
      implementations: [implement(SavedViewServiceService, savedViewApi(views))],
      reactors: [onTemplateApplied(views, tools)],
    };
  },
};
