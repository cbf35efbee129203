import type { Grants, ServiceActor } from "./principal.ts";

/**
 * Every service reads the others' journals to rebuild its copies, in which values are in the clear, and asks which of the
 * records that a command names its caller may read.
 */
const everyService: Grants = { "journal.read": "all", "journal.readSensitive": "all", "access.filter": "all" };

/** What single services may call beyond that. Reactions and timers run in their own process and need no right. */
const rights: Readonly<Record<ServiceActor, Grants>> = {
  "service:gateway": {
    "auth.authenticate": "all",
    "auth.resolveSession": "all",
    "signOn.start": "all",
    "signOn.complete": "all",
  },
  // It keeps the audit trail, which every service's log of accesses enters, and tells who may do what to which record,
  // and what a change of a custom field does to them.
  "service:identity": {
    "accesses.read": "all",
    "access.read": "all",
    "customValues.read": "all",
    "customValues.readSensitive": "all",
  },
  // The operator's own tools; an installation without any trusts no key of theirs.
  "service:platform": { "auditEntries.forget": "all", "tenants.create": "all" },
};

/** The rights of a service: declared here, never taken from its token. */
export const serviceRights = (actor: ServiceActor): Grants => ({
  ...everyService,
  ...(Object.hasOwn(rights, actor) ? rights[actor] : {}),
});
