import type { ScimServiceService } from "@keynode/contracts/crm/identity/v1/scim_service";
import type { Handlers } from "@keynode/grpc/implement";
import { scimCatalogue } from "../scim/catalogue.ts";
import { scimGroups } from "../scim/groups.ts";
import type { ScimSight } from "../scim/scim-sight.ts";
import { scimUsers } from "../scim/users.ts";
import type { Stores } from "../stores.ts";
import type { Contexts } from "./contexts.ts";

/** One entry per rpc of ScimService. */
export const scimApi = (
  stores: Pick<Stores, "users" | "teams">,
  contexts: Pick<Contexts, "user" | "team">,
  sight: ScimSight,
): Handlers<typeof ScimServiceService> => ({
  ...scimUsers(stores.users, contexts.user, sight),
  ...scimGroups(stores, contexts),
  ...scimCatalogue(),
});
