import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/custom_field_events";
import { listIndexes } from "@keynode/query/listing";
import { customFieldListing } from "./api/custom-field-list.ts";
import type {
  CustomFieldCommand,
  CustomFieldContext,
  CustomFieldEvent,
  CustomFieldState,
} from "./domain/custom-field/custom-field.ts";
import { decide } from "./domain/custom-field/decide.ts";
import { evolve } from "./domain/custom-field/evolve.ts";

export const customFieldAggregate = defineAggregate<
  CustomFieldState,
  CustomFieldCommand,
  CustomFieldEvent,
  CustomFieldContext
>({
  name: "customfield",
  collection: "customFields",
  decider: { decide, evolve },
  events: codecs,
  derive: ({ collection, key, sortSlot }) => ({
    place: `${collection}/${key}`,
    order: sortSlot === 0 ? undefined : `${collection}/${sortSlot}`,
  }),
  wakeAt: ({ conversion, deleteTime }) =>
    conversion === undefined || conversion.state === "DONE" || deleteTime !== undefined
      ? undefined
      : conversion.startTime,
  onDeleted: ["DeleteCustomField", "UndeleteCustomField"],
  indexes: [
    ...listIndexes(customFieldListing),
    { name: "place", key: { tenant: 1, "state.place": 1 }, unique: true },
    {
      name: "order",
      key: { tenant: 1, "state.order": 1 },
      unique: true,
      partialFilterExpression: { "state.order": { $exists: true } },
    },
  ],
  uniqueReasons: { place: "CUSTOM_FIELD_EXISTS", order: "CONFLICT" },
});

export type CustomFieldStore = Store<CustomFieldState, CustomFieldCommand, CustomFieldEvent, CustomFieldContext>;
