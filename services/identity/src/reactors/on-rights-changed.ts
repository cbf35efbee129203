import { reactionScope, settled } from "@keynode/api/reaction";
import { isServiceActor } from "@keynode/auth/principal";
import { SessionEnded } from "@keynode/contracts/crm/identity/v1/session_events";
import { UserEdited } from "@keynode/contracts/crm/identity/v1/user_events";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { policyIdOf, type PolicyStore } from "../policy.ts";

/** Events after which somebody who was let in may do more or less than before. */
const changing = [
  "RoleEdited",
  "RoleDeleted",
  "RoleRestored",
  "UserEdited",
  "UserPasswordSet",
  "UserSessionsEnded",
  "UserDeactivated",
  "UserDeleted",
  "ApiKeyRevoked",
  "SessionEnded",
  "SecuritySettingsEdited",
];

/** Law 8. What changes rights raises the tenant's policy version, which every service hears of. */
export const onRightsChanged = (policies: PolicyStore, { name, now, log }: ServiceTools): Reactor => ({
  name: "on-rights-changed",
  from: { identity: changing },
  handle: async (event) => {
    if (!changesRights(event)) return;
    const scope = reactionScope(name, event, now());
    const raise = { type: "RaisePolicy", cause: event.id } as const;
    settled(await policies.execute(policyIdOf(event.tenant), raise, scope, () => undefined, "any"), event, log);
  },
});

/**
 * Of a user's own facts, only roles and teams count; of sessions, those that somebody ended: what the service ends by
 * itself has expired, or follows from an event that raised the version.
 */
const changesRights = ({ type, data }: Recorded): boolean => {
  switch (type) {
    case "UserEdited":
      return (UserEdited.decode(data).changedFields ?? []).some((field) => telling.has(field));
    case "SessionEnded":
      return !isServiceActor(SessionEnded.decode(data).endedBy);
    default:
      return true;
  }
};

const telling: ReadonlySet<string> = new Set(["role_ids", "team_ids"]);
