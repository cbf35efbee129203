import { withChanges } from "@keynode/decider/record";
import type { CustomFieldEvent, CustomFieldState } from "./custom-field.ts";
import { asKind } from "./decide.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (before: CustomFieldState | undefined, event: CustomFieldEvent): CustomFieldState => {
  const state = before as CustomFieldState;
  switch (event.type) {
    case "CustomFieldCreated":
      return event.customField as CustomFieldState;
    case "CustomFieldEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "CustomFieldKindChanged":
      return {
        ...asKind(state, event),
        conversion: {
          fromKind: event.fromKind,
          startTime: event.changeTime,
          state: "WAITING",
          convertedCount: 0,
          keptCount: 0,
          finishTime: undefined,
        },
      };
    case "CustomFieldConverted": {
      const { convertedCount, keptCount, finishTime } = event;
      const { conversion } = state;
      if (conversion === undefined) return state;
      return { ...state, conversion: { ...conversion, state: "DONE", convertedCount, keptCount, finishTime } };
    }
    case "CustomFieldRetired":
      return { ...state, retireTime: event.retireTime };
    case "CustomFieldUnretired":
      return { ...state, retireTime: undefined };
    case "CustomFieldDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "CustomFieldRestored":
      return { ...state, deleteTime: undefined, sortSlot: event.sortSlot };
  }
};
