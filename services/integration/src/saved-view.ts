import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/integration/v1/saved_view_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { savedViewListing } from "./api/list.ts";
import {
  audienceOf,
  type SavedViewCommand,
  type SavedViewContext,
  savedViewDecider,
  type SavedViewEvent,
  type SavedViewState,
} from "./domain/saved-view/saved-view.ts";

export const savedViewAggregate = defineAggregate<SavedViewState, SavedViewCommand, SavedViewEvent, SavedViewContext>({
  name: "view",
  collection: "savedViews",
  decider: savedViewDecider,
  events: codecs,
  derive: (view) => ({ nameKey: sortKey(view.name), audience: audienceOf(view) }),
  onDeleted: ["DeleteSavedView", "UndeleteSavedView"],
  indexes: listIndexes(savedViewListing),
});

export type SavedViewStore = Store<SavedViewState, SavedViewCommand, SavedViewEvent, SavedViewContext>;
