import { commandScope, shown } from "@keynode/api/command";
import type { Template } from "@keynode/contracts/crm/identity/v1/template";
import type { TemplateServiceService } from "@keynode/contracts/crm/identity/v1/template_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import { pageOfRows } from "@keynode/query/page-of-rows";
import { standingOf } from "../domain/template-application/standing-of.ts";
import type { Stores } from "../stores.ts";
import { factsOf, type MadeCopy, templateIds } from "../template/facts.ts";
import { templates } from "../template/templates.ts";
import { templateApplicationIdOf } from "../template-application.ts";
import { templateListing } from "./template-list.ts";

/** One entry per rpc of TemplateService. */
export const templateApi = (stores: Stores, made: MadeCopy): Handlers<typeof TemplateServiceService> => {
  const named = (key: string): Template | DomainError => templates().get(key) ?? reject("TEMPLATE_NOT_FOUND", { key });

  const standing = async (template: Template, tenant: string) => {
    const ids = templateIds(tenant, template.key);
    const elsewhere = [
      ...template.pipelines.map(({ key }) => ids.pipeline(key)),
      ...template.views.map(({ key }) => ids.view(key)),
    ];
    return standingOf(template, await factsOf(stores, made, tenant, elsewhere), ids);
  };

  return {
    listTemplates: async (request, { tenant, visibility, locale }) => {
      const rows = [...templates()].map(([_id, template]) => ({ _id, template }));
      const page = pageOfRows(templateListing, rows, { ...request, tenant, visibility, locale });
      if (isDomainError(page)) return page;
      const { documents, nextPageToken } = page;
      return { templates: documents.map(({ template }) => template), nextPageToken };
    },
    getTemplate: async ({ key }) => named(key),
    previewTemplate: async ({ key }, call) => {
      const template = named(key);
      if (isDomainError(template)) return template;
      return refuseParts(call) ?? { parts: await standing(template, call.tenant) };
    },
    applyTemplate: async ({ key }, call) => {
      const template = named(key);
      if (isDomainError(template)) return template;
      const refusal = refuseParts(call);
      if (refusal !== undefined) return refusal;
      const scope = commandScope(call);
      if (isDomainError(scope)) return scope;
      const parts = await standing(template, call.tenant);
      const outcome = await stores.templateApplications.execute(
        templateApplicationIdOf(call.tenant, key),
        { type: "ApplyTemplate", template, parts },
        scope,
        ({ now }) => ({ now }),
        "any",
      );
      return isDomainError(outcome) ? outcome : shown(outcome);
    },
  };
};

/** A template changes what all of the tenant works with: whoever may change only a part of it applies none. */
const refuseParts = ({ visibility }: Call): DomainError | undefined =>
  visibility.kind === "all" ? undefined : reject("PERMISSION_DENIED");
