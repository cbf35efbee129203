import { snapshotOf } from "@keynode/api/snapshot";
import type { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import * as fieldEvents from "@keynode/contracts/crm/identity/v1/custom_field_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "../service-definition.ts";

export type FieldRow = { definition: CustomField };

export type FieldCopy = Copy<{ fields: FieldRow }>;

/** Events after which a tenant's records take other values than before. */
export const fieldChanges = [
  "CustomFieldCreated",
  "CustomFieldEdited",
  "CustomFieldKindChanged",
  "CustomFieldConverted",
  "CustomFieldRetired",
  "CustomFieldUnretired",
  "CustomFieldDeleted",
  "CustomFieldRestored",
] as const;

/** A service's copy of the fields that tenants have given their records. */
export const customFields = defineProjection<{ fields: FieldRow }>({
  name: "custom_fields",
  from: { identity: fieldChanges },
  tables: { fields: { indexes: [{ name: "tenant", key: { tenant: 1 } }] } },
  apply: async (event, { fields }) => {
    const definition = snapshotOf<CustomField>(event, fieldEvents);
    if (definition === undefined) return;
    const { recordId: id, tenant, version } = event;
    const place = { id, tenant, version };
    await (definition.deleteTime === undefined ? fields.keep(place, { definition }) : fields.bury(place));
  },
});
