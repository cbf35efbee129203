import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { implement } from "@keynode/grpc/implement";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { leadApi } from "./api/lead.ts";
import { leadErrors } from "./domain/lead/errors.ts";
import { leadAggregate } from "./lead.ts";
import { onRecordMade } from "./reactors/on-record-made.ts";

/** Composition root: the only wiring. */
export const leadService: ServiceDefinition = {
  name: "lead",
  errors: leadErrors,
  build: (tools) => {
    const leads = tools.store(leadAggregate);
    return {
      implementations: [implement(LeadServiceService, leadApi(leads, tools.now))],
      reactors: [onRecordMade(leads, tools)],
    };
  },
};
