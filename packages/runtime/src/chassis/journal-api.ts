import type {
  JournalServiceService,
  ReadJournalRequest,
  ReadJournalResponse,
} from "@keynode/contracts/crm/chassis/v1/journal_service";
import { reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import type { JournalRow } from "@keynode/messaging/entry";
import type { Journal, JournalKey } from "@keynode/messaging/journal";
import { setTimeout as delay } from "node:timers/promises";
import { awaitPublished, type Collections } from "../consistency/published.ts";
import { readableTenant } from "./readable-tenant.ts";

/** How often a follower's stream looks for new rows once it has reached the journal's end. */
const followMs = 500;
/** Rows become visible out of order within this span, so a follower reads it again and drops what it has sent. */
const overlapMs = 60_000;

/** Left of a call's deadline to answer in. */
const answerMs = 50;

/** Rows of a journal as its service shows them. */
export async function* readJournal(
  context: string,
  journal: Journal,
  request: ReadJournalRequest,
  call: Pick<Call, "tenant" | "signal">,
) {
  const { types, after, follow, recordId, untilTime, keysOnly, eventIds } = request;
  const readable = readableTenant(request.tenant, call);
  if (typeof readable === "object") {
    yield readable;
    return;
  }
  const tenant = readable === "*" ? undefined : readable;
  if (eventIds.length > 0) {
    for (const row of await journal.find(eventIds, tenant)) yield shownRow(context, row);
    return;
  }
  const scan = {
    ...(tenant !== undefined && { tenant }),
    ...(types.length > 0 && { types }),
    ...(untilTime && { until: untilTime }),
  };
  const read = keysOnly ? journal.keys : journal.scan;
  const sent = recentIds();
  let place = after && { recordedAt: after.recordTime ?? new Date(0), id: after.eventId };
  do {
    for await (const row of read({ ...scan, ...(place && { after: place }) })) {
      if (call.signal.aborted) return;
      if (recordId !== "" && row.aggregate !== recordId) continue;
      if (follow && !sent.add(row._id, row.recordedAt)) continue;
      yield shownRow(context, row);
    }
    if (follow) {
      place = sent.restart(overlapMs) ?? place;
      await delay(followMs, undefined, { signal: call.signal }).catch(() => undefined);
    }
  } while (follow && !call.signal.aborted);
}

/** Serves a service's journal to the others: the only way to its history (law 2). */
export const journalApi = (
  context: string,
  journal: Journal,
  collections: Collections,
): Handlers<typeof JournalServiceService> => ({
  awaitPublished: async ({ tenant, records, commitTime }, call) => {
    const readable = readableTenant(tenant, call);
    if (typeof readable === "object") return readable;
    if (readable === "*") return reject("TENANT_MISMATCH");
    const changes = [
      ...records.map(({ recordId, version }) => ({ service: context, id: recordId, version })),
      ...(commitTime === undefined ? [] : [{ service: context, committedBy: commitTime }]),
    ];
    const leftMs = Math.max(call.deadline.getTime() - Date.now() - answerMs, 0);
    const until = AbortSignal.any([call.signal, AbortSignal.timeout(leftMs)]);
    return { published: await awaitPublished(collections, readable, changes, until) };
  },
  readJournal: (request, call) => readJournal(context, journal, request, call),
});

const noOrigin = { requestId: "", sessionId: "", network: "", agent: "" };
const noBytes = Buffer.alloc(0);

/** A row that was read by its keys alone has nothing else. */
const shownRow = (context: string, row: JournalKey & Partial<JournalRow>): ReadJournalResponse => ({
  eventId: row._id,
  type: row.type ?? "",
  context,
  tenant: row.tenant,
  kind: row.kind ?? "",
  recordId: row.aggregate,
  version: row.version,
  index: row.index,
  count: row.count ?? 0,
  commitTime: row.at,
  recordTime: row.recordedAt,
  actor: row.actor ?? "",
  causedBy: row.causedBy ?? "",
  traceparent: row.traceparent ?? "",
  data: row.data === undefined ? noBytes : Buffer.from(row.data.buffer),
  origin: row.origin && { ...noOrigin, ...row.origin },
  changedFields: [...(row.changed ?? [])],
  commandKey: row.commandKey ?? "",
  requestHash: row.requestHash ?? "",
});

/** The ids a follower has been sent, and from when to read again. */
const recentIds = () => {
  const seen = new Map<string, Date>();
  let newest: Date | undefined;
  return {
    /** False if it was sent before. */
    add: (id: string, at: Date): boolean => {
      if (seen.has(id)) return false;
      seen.set(id, at);
      if (newest === undefined || at > newest) newest = at;
      return true;
    },
    /** Where to read on, forgetting what lies before it. */
    restart: (spanMs: number) => {
      if (newest === undefined) return undefined;
      const from = new Date(newest.getTime() - spanMs);
      for (const [id, at] of seen) if (at < from) seen.delete(id);
      return { recordedAt: from, id: "" };
    },
  };
};
