import { pageOf } from "@keynode/api/read";
import type { AuditEntryServiceService } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import type { AccessLog } from "@keynode/runtime/access-log";
import { shownEntry } from "../entry.ts";
import { forgetPerson } from "../forget.ts";
import type { VerifierParts } from "../verify.ts";
import { auditEntryListing } from "./audit-entry-list.ts";
import { exportAuditEntries } from "./export-audit-entries.ts";
import { verifyAuditEntries } from "./verify-audit-entries.ts";

export type AuditApiParts = VerifierParts & { readonly accesses: AccessLog };

/** The collection's name, under which its readers are in it. */
export const trail = "auditEntries";

/** One entry per rpc of AuditEntryService. Reading the trail is in the trail: once for each call. */
export const auditEntryApi = (parts: AuditApiParts, now: () => Date): Handlers<typeof AuditEntryServiceService> => {
  const { entries, accesses } = parts;
  return {
    getAuditEntry: async ({ id }, call) => {
      const refused = unlessAuditor(call);
      if (refused) return refused;
      const found = await entries.collection.findOne({ _id: id, tenant: call.tenant });
      if (found === null) return reject("NOT_FOUND", { id });
      await accesses.record(call, [{ kind: "READ", collection: trail, recordIds: [id] }]);
      return shownEntry(found);
    },
    listAuditEntries: async (request, call) => {
      const refused = unlessAuditor(call);
      if (refused) return refused;
      const page = await pageOf(entries.collection, auditEntryListing, request, call);
      if (isDomainError(page)) return page;
      const { documents, nextPageToken } = page;
      await accesses.record(call, [{ kind: "READ", collection: trail, recordCount: documents.length }]);
      return { auditEntries: documents.map(shownEntry), nextPageToken };
    },
    exportAuditEntries: exportAuditEntries(parts),
    verifyAuditEntries: verifyAuditEntries(parts, now),
    forgetAuditedPerson: async ({ tenant, recordIds }) => ({
      entryCount: BigInt(await forgetPerson(entries, tenant, recordIds)),
    }),
  };
};

/** The trail is nobody's own: it is seen whole or not at all. */
export const unlessAuditor = ({ visibility, method }: Pick<Call, "visibility" | "method">): DomainError | undefined =>
  visibility.kind === "all" ? undefined : reject("PERMISSION_DENIED", { method });
