import { maySee, type Visibility } from "@keynode/auth/visibility";
import { get, list } from "@keynode/api/read";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { SavedView } from "@keynode/contracts/crm/integration/v1/saved_view";
import type { SavedViewServiceService } from "@keynode/contracts/crm/integration/v1/saved_view_service";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import type { Handlers } from "@keynode/grpc/implement";
import { savedViewErrors } from "../domain/saved-view/errors.ts";
import { everyone } from "../domain/saved-view/saved-view.ts";
import type { SavedViewStore } from "../saved-view.ts";
import { listedCollections } from "./collections.ts";
import { savedViewListing } from "./list.ts";

/** One entry per rpc of SavedViewService. Reads see shared views too; commands go by owner and team alone. */
export const savedViewApi = (views: SavedViewStore): Handlers<typeof SavedViewServiceService> => {
  const shape = { typeName: "crm.integration.v1.SavedView", fromPartial: SavedView.fromPartial };
  const collections = listedCollections();
  const listSavedViews = list(views, shape, savedViewListing, "savedViews");

  const getSavedView = get(
    {
      ...views,
      get: async (tenant, id, visibility) => {
        const found = await views.get(tenant, id, { kind: "all" });
        return found && (found.state.shared || maySee(visibility, found.state)) ? found : undefined;
      },
    },
    shape,
  );

  return {
    ...standardRpcs(views, {
      ...shape,
      name: "SavedView",
      field: "savedView",
      rows: "savedViews",
      listing: savedViewListing,
      errors: withChassisErrors(savedViewErrors),
      context: ({ now }) => ({ now, collections }),
    }),
    getSavedView,
    listSavedViews: (request, call) => listSavedViews(request, { ...call, visibility: withShared(call.visibility) }),
  };
};

/** Whoever may read saved views reads the shared ones. */
const withShared = (visibility: Visibility): Visibility => {
  switch (visibility.kind) {
    case "all":
      return visibility;
    case "own":
      return { ...visibility, kind: "team", teamIds: [everyone] };
    case "team":
      return { ...visibility, teamIds: [...visibility.teamIds, everyone] };
  }
};
