import { pageOf } from "@keynode/api/read";
import type { AuditEntryServiceService } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import type { AccessLog } from "@keynode/runtime/access-log";
import type { Entries } from "../entries.ts";
import { shownEntry } from "../entry.ts";
import { auditEntryListing } from "./audit-entry-list.ts";

export type AuditApiParts = {
  readonly entries: Entries;
  readonly accesses: AccessLog;
};

/** One entry per rpc of AuditEntryService. Reading the trail is in the trail: once for each call. */
export const auditEntryApi = ({ entries, accesses }: AuditApiParts): Handlers<typeof AuditEntryServiceService> => ({
  getAuditEntry: async ({ id }, call) => {
    const refused = unlessAuditor(call);
    if (refused) return refused;
    const found = await entries.collection.findOne({ _id: id, tenant: call.tenant });
    if (found === null) return reject("NOT_FOUND", { id });
    await accesses.record(call, [{ kind: "READ", collection, recordIds: [id] }]);
    return shownEntry(found);
  },
  listAuditEntries: async (request, call) => {
    const refused = unlessAuditor(call);
    if (refused) return refused;
    const page = await pageOf(entries.collection, auditEntryListing, request, call);
    if (isDomainError(page)) return page;
    const { documents, nextPageToken } = page;
    await accesses.record(call, [{ kind: "READ", collection, recordCount: documents.length }]);
    return { auditEntries: documents.map(shownEntry), nextPageToken };
  },
});

const collection = "auditEntries";

/** The trail is nobody's own: it is seen whole or not at all. */
export const unlessAuditor = ({ visibility }: Pick<Call, "visibility">): DomainError | undefined =>
  visibility.kind === "all" ? undefined : reject("PERMISSION_DENIED", { permission: "auditEntries.read" });
