import type { Role } from "@keynode/contracts/crm/identity/v1/role";
import type {
  RoleCreated,
  RoleDeleted,
  RoleEdited,
  RoleReassigned,
  RoleRestored,
} from "@keynode/contracts/crm/identity/v1/role_events";
import type {
  CreateRoleRequest,
  DeleteRoleRequest,
  UndeleteRoleRequest,
  UpdateRoleRequest,
} from "@keynode/contracts/crm/identity/v1/role_service";
import type { Reassign } from "@keynode/decider/crud";
import type { Tagged } from "@keynode/decider/decider";
import type { Rights } from "../rights.ts";

/** A role as stored; `nameKey` sorts it. */
export type RoleState = Role & { nameKey?: string | undefined };

/** A role that comes with every tenant takes on what this version of the platform gives it. */
export type RenewBuiltInRole = { readonly role: Role };

/** What the platform says of a built-in role. */
export const renewedFields: readonly string[] = ["name", "description", "grants"];

export type RoleCommand = Tagged<{
  CreateRole: CreateRoleRequest;
  UpdateRole: UpdateRoleRequest;
  DeleteRole: DeleteRoleRequest;
  UndeleteRole: UndeleteRoleRequest;
  RenewBuiltInRole: RenewBuiltInRole;
  ReassignRole: Reassign;
}>;

export type RoleEvent = Tagged<{
  RoleCreated: RoleCreated;
  RoleEdited: RoleEdited;
  RoleDeleted: RoleDeleted;
  RoleRestored: RoleRestored;
  RoleReassigned: RoleReassigned;
}>;

/** All that a decision about a role may know besides its arguments. */
export type RoleContext = { readonly now: Date; readonly callerRights: Rights };
