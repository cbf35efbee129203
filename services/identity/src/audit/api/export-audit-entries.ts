import type { AuditEntry } from "@keynode/contracts/crm/identity/v1/audit_entry";
import type { ExportAuditEntriesRequest } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { StreamHandler } from "@keynode/grpc/call";
import { type ListPlan, planList } from "@keynode/query/list-plan";
import { readPage } from "@keynode/query/read-page";
import type { Collection, Filter } from "mongodb";
import { shownEntry, type StoredEntry } from "../entry.ts";
import { auditEntryListing } from "./audit-entry-list.ts";
import { type AuditApiParts, trail, unlessAuditor } from "./audit-entry.ts";

const pageSize = 1_000;

/** Entries page by page, no faster than they are taken; that they are is on record before the first one. */
export const exportAuditEntries = ({
  entries: { collection },
  accesses,
}: Pick<AuditApiParts, "entries" | "accesses">): StreamHandler<ExportAuditEntriesRequest, AuditEntry> =>
  async function* ({ filter }, call) {
    const { tenant, visibility, locale, signal } = call;
    const refused = unlessAuditor(call);
    if (refused) {
      yield refused;
      return;
    }
    const planOf = (pageToken: string): ListPlan | DomainError =>
      planList(auditEntryListing, { tenant, visibility, locale, filter, pageSize, pageToken });
    const first = planOf("");
    if (isDomainError(first)) {
      yield first;
      return;
    }
    await accesses.record(call, [
      { kind: "EXPORT", collection: trail, recordCount: await countOf(collection, first), fields: exportedFields },
    ]);
    for (let plan: ListPlan | DomainError = first; ; ) {
      const page = await readPage(collection, plan, { signal });
      if (isDomainError(page)) {
        yield page;
        return;
      }
      for (const entry of page.documents) yield shownEntry(entry);
      if (page.nextPageToken === "") return;
      const next = planOf(page.nextPageToken);
      if (isDomainError(next)) throw new Error(`the next page of an export was refused: ${next.reason}`);
      plan = next;
    }
  };

/** Entries always go out whole. */
const exportedFields = ["*"];

/** How many rows an export has when it begins. */
const countOf = async (collection: Collection<StoredEntry>, { scans }: ListPlan): Promise<number> => {
  const counts = await Promise.all(
    scans.map(({ filter, hint }) => collection.countDocuments(filter as Filter<StoredEntry>, { hint })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};
