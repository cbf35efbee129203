import type { Alarm } from "@keynode/api/alarm";
import type { Access } from "@keynode/auth/access";
import { CustomValueServiceService } from "@keynode/contracts/crm/identity/v1/custom_value_service";
import { type Implementation, implement } from "@keynode/grpc/implement";
import { type AnyStore, keptResources } from "../resources.ts";
import type { Reactor, ServiceTools } from "../service-definition.ts";
import { openConversions } from "./conversions.ts";
import { examineValues } from "./impact.ts";
import type { ServiceFields } from "./open-fields.ts";

/** What a service that keeps records with custom fields does for those who change a field. */
export type CustomValues = {
  readonly implementation: Implementation;
  readonly reactor: Reactor;
  readonly alarm: Alarm;
};

export const openCustomValues = (
  tools: Pick<ServiceTools, "name" | "db" | "now" | "log">,
  stores: readonly AnyStore[],
  fields: ServiceFields,
  access: Access,
): CustomValues => {
  const resources = keptResources(stores.filter((store) => store.fields !== undefined));
  const { reactor, alarm, progress } = openConversions(tools, { resources, source: fields.source });
  const examine = examineValues({ resources, fields, access, now: tools.now });
  return {
    implementation: implement(CustomValueServiceService, {
      examineCustomValues: examine,
      getConversion: async ({ tenant, customFieldId }) => ({ conversion: await progress(tenant, customFieldId) }),
    }),
    reactor,
    alarm,
  };
};
