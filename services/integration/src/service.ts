import { SavedViewServiceService } from "@keynode/contracts/crm/integration/v1/saved_view_service";
import { implement } from "@keynode/grpc/implement";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { savedViewApi } from "./api/saved-view.ts";
import { savedViewErrors } from "./domain/saved-view/errors.ts";
import { savedViewAggregate } from "./saved-view.ts";

/** Composition root: the only wiring. */
export const integrationService: ServiceDefinition = {
  name: "integration",
  errors: savedViewErrors,
  build: (tools) => ({
    implementations: [implement(SavedViewServiceService, savedViewApi(tools.store(savedViewAggregate)))],
  }),
};
