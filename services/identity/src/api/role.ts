import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Role } from "@keynode/contracts/crm/identity/v1/role";
import type { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import type { Handlers } from "@keynode/grpc/implement";
import { identityErrors } from "../domain/errors.ts";
import type { Stores } from "../stores.ts";
import type { Contexts } from "./contexts.ts";
import { roleListing } from "./role-list.ts";

/** One entry per rpc of RoleService. */
export const roleApi = ({ roles }: Pick<Stores, "roles">, { role }: Contexts): Handlers<typeof RoleServiceService> =>
  standardRpcs(roles, {
    name: "Role",
    field: "role",
    rows: "roles",
    typeName: "crm.identity.v1.Role",
    fromPartial: Role.fromPartial,
    listing: roleListing,
    errors: withChassisErrors(identityErrors),
    context: role,
  });
