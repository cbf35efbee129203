import type { AuditVerdict, VerifyAuditEntriesRequest } from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { reject } from "@keynode/decider/domain-error";
import type { StreamHandler } from "@keynode/grpc/call";
import { dayOf } from "../chain.ts";
import { verifyChain } from "../verify.ts";
import { type AuditApiParts, trail, unlessAuditor } from "./audit-entry.ts";

const dayMs = 24 * 3_600_000;
const usualDays = 31;
const maxDays = 366;

/** Verdicts service by service, day by day; that it was asked for is on record before the first one. */
export const verifyAuditEntries = (
  parts: AuditApiParts,
  now: () => Date,
): StreamHandler<VerifyAuditEntriesRequest, AuditVerdict> =>
  async function* ({ service: asked, fromTime, untilTime }, call) {
    const { tenant, signal } = call;
    const refused = unlessAuditor(call);
    if (refused) {
      yield refused;
      return;
    }
    const until = endOfDay(untilTime ?? now());
    const from = startOfDay(fromTime ?? new Date(until.getTime() - usualDays * dayMs));
    const days = (until.getTime() + 1 - from.getTime()) / dayMs;
    if (days < 1 || days > maxDays) {
      const reason = days < 1 ? "SPAN_REVERSED" : "SPAN_TOO_LONG";
      yield reject("INVALID_REQUEST", {}, [{ field: "from_time", reason }]);
      return;
    }
    await parts.accesses.record(call, [{ kind: "READ", collection: trail }]);
    const chains = parts.entries.chains.find({ tenant, ...(asked !== "" && { service: asked }) }).sort({ service: 1 });
    for (const { service } of await chains.toArray())
      yield* verifyChain(parts, { tenant, service, from, until }, signal);
  };

const startOfDay = (at: Date): Date => new Date(`${dayOf(at)}T00:00:00.000Z`);
const endOfDay = (at: Date): Date => new Date(`${dayOf(at)}T23:59:59.999Z`);
