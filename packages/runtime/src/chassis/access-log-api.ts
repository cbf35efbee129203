import type {
  Access,
  AccessLogServiceService,
  ReadAccessesRequest,
} from "@keynode/contracts/crm/chassis/v1/access_log_service";
import { reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import type { AccessLog, AccessRow } from "../access-log.ts";

/** Rows of an access log as its service shows them. */
export async function* readAccesses(
  accesses: Pick<AccessLog, "scan">,
  { after, untilTime }: ReadAccessesRequest,
  { signal }: Pick<Call, "signal">,
): AsyncGenerator<Access> {
  const place = after && { recordedAt: after.recordTime ?? new Date(0), id: after.eventId };
  for await (const row of accesses.scan({ ...(place && { after: place }), ...(untilTime && { until: untilTime }) })) {
    if (signal.aborted) return;
    yield shown(row);
  }
}

/** Serves a service's access log to the one that keeps the audit trail, every tenant at once. */
export const accessLogApi = (accesses: AccessLog): Handlers<typeof AccessLogServiceService> => ({
  readAccesses: async function* (request, call) {
    if (call.tenant === "*") yield* readAccesses(accesses, request, call);
    else yield reject("TENANT_MISMATCH");
  },
});

const shown = ({ origin, ...row }: AccessRow): Access => ({
  id: row._id,
  tenant: row.tenant,
  kind: row.kind,
  action: row.action,
  accessTime: row.at,
  recordTime: row.recordedAt,
  actor: row.actor,
  origin: { requestId: "", sessionId: "", network: "", agent: "", ...origin },
  collection: row.collection,
  recordIds: [...row.recordIds],
  recordCount: BigInt(row.recordCount),
  fields: [...row.fields],
  refusal: row.refusal,
  occurrences: row.occurrences,
});
