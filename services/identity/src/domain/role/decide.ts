import { deleted, edited, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";
import { exceeds, rightsOf } from "../rights.ts";
import { renewedFields, type RoleCommand, type RoleContext, type RoleEvent, type RoleState } from "./role.ts";

/** Errors: ROLE_EXCEEDS_CALLER; ROLE_BUILT_IN for a role that comes with every tenant. */
export const decide = decideBy<RoleCommand, RoleState, RoleEvent, RoleContext>({
  CreateRole: ({ role }, _state, context) =>
    role === undefined ? [] : (refuseExcess(role, context) ?? [{ type: "RoleCreated", role }]),
  UpdateRole: onRecord(({ role, updateMask = [] }, state, context) => {
    if (role === undefined) return [];
    const grants = updateMask.includes("grants");
    return (
      refuseBuiltIn(state) ??
      (grants ? refuseExcess(withChanges(state, role, updateMask), context) : undefined) ??
      edited("Role", state, role, updateMask, context)
    );
  }),
  DeleteRole: onRecord((_command, state, context) => refuseBuiltIn(state) ?? deleted("Role", state, context)),
  UndeleteRole: onRecord((_command, state, context) => {
    const events = restored("Role", state);
    return events.length === 0 ? events : (refuseExcess(state, context) ?? events);
  }),
  ReassignRole: onRecord((to, state) => reassigned("Role", state, to)),
  RenewBuiltInRole: onRecord(({ role }, state, context) => edited("Role", state, role, renewedFields, context)),
});

const refuseBuiltIn = ({ id, builtIn }: RoleState): DomainError | undefined =>
  builtIn ? reject("ROLE_BUILT_IN", { id }) : undefined;

const refuseExcess = ({ grants }: Pick<RoleState, "grants">, { callerRights }: RoleContext): DomainError | undefined =>
  exceeds(rightsOf(grants), callerRights) ? reject("ROLE_EXCEEDS_CALLER") : undefined;
