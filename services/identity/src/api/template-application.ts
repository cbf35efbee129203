import { get, list } from "@keynode/api/read";
import { TemplateApplication } from "@keynode/contracts/crm/identity/v1/template_application";
import type { TemplateApplicationServiceService } from "@keynode/contracts/crm/identity/v1/template_application_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { TemplateApplicationStore } from "../template-application.ts";
import { templateApplicationListing } from "./template-application-list.ts";

const shape = { typeName: "crm.identity.v1.TemplateApplication", fromPartial: TemplateApplication.fromPartial };

/** One entry per rpc of TemplateApplicationService. */
export const templateApplicationApi = (
  applications: TemplateApplicationStore,
): Handlers<typeof TemplateApplicationServiceService> => ({
  getTemplateApplication: get(applications, shape),
  listTemplateApplications: list(applications, shape, templateApplicationListing, "templateApplications"),
});
