import { newId } from "@keynode/aggregate/type-id";
import type { Access as AccessMessage } from "@keynode/contracts/crm/chassis/v1/access_log_service";
import { reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { Refusal } from "@keynode/grpc/refusal";
import { grouped } from "@keynode/messaging/grouped";
import type { Host } from "@keynode/messaging/host";
import type { JournalPosition } from "@keynode/messaging/journal";
import type { Origin } from "@keynode/telemetry/origin";
import type { Db, Filter } from "mongodb";

export type AccessKind = Exclude<AccessMessage["kind"], "KIND_UNSPECIFIED" | "UNRECOGNIZED">;

/** A row of a service's access log. */
export type AccessRow = {
  _id: string;
  tenant: string;
  kind: AccessKind;
  /** Short name of the rpc. */
  action: string;
  at: Date;
  recordedAt: Date;
  actor: string;
  origin: Origin;
  collection: string;
  recordIds: readonly string[];
  recordCount: number;
  fields: readonly string[];
  /** A reason of the error catalogue; empty: it was not refused. */
  refusal: string;
  occurrences: number;
  /** The audit trail has it long before. */
  expireAt: Date;
};

/** What a caller is about to be shown. */
export type Access = Pick<AccessRow, "kind" | "collection"> &
  Partial<Pick<AccessRow, "recordIds" | "recordCount" | "fields">>;

/** What was refused to whom. */
export type Denial = Pick<AccessRow, "tenant" | "kind" | "action" | "actor" | "origin" | "refusal"> &
  Partial<Pick<AccessRow, "collection" | "recordIds">>;

/** What a service has shown, and to whom: on disk before the first byte of the answer leaves. */
export type AccessLog = {
  /** Resolves when it is on record. Throws the refusal ACCESS_LOG_UNAVAILABLE when it cannot be: then nothing may be shown. */
  record(call: Pick<Call, "tenant" | "actor" | "method" | "origin">, accesses: readonly Access[]): Promise<void>;
  /** Counts a refusal; equal ones become one row every few seconds, and no more kinds than are bearable are told apart. */
  deny(denial: Denial): void;
  /** Rows in order, after a place and up to an instant. */
  scan(scan: { after?: JournalPosition; until?: Date }): AsyncIterable<AccessRow>;
  /** Writes the refusals that are still being counted. */
  stop(): Promise<void>;
};

/** Rows per write: see `grouped`. */
const groupRows = 128;
/** Of one access; a page of more tells how many there were. */
const maxRecordIds = 100;
const pageRows = 500;
const keptMs = 90 * 24 * 3_600_000;
const denialMs = 5_000;
/** Different refusals counted at once; further ones of the same seconds are not told apart from silence. */
const maxDenials = 1_000;

/** Opens a service's access log and makes its indexes; safe to repeat and from several replicas at once. */
export const openAccessLog = async (db: Db, { now, log }: Host): Promise<AccessLog> => {
  const rows = db.collection<AccessRow>("accesses");
  await rows.createIndexes([
    // The audit trail reads every tenant at once, and nobody reads otherwise.
    { name: "order", key: { recordedAt: 1, _id: 1 } },
    { name: "expiry", key: { expireAt: 1 }, expireAfterSeconds: 0 },
  ]);
  const write = grouped<Omit<AccessRow, "recordedAt" | "expireAt">>(async (group) => {
    const recordedAt = now();
    const expireAt = new Date(recordedAt.getTime() + keptMs);
    await rows.insertMany(
      group.map((row) => ({ ...row, recordedAt, expireAt })),
      { ordered: false },
    );
  }, groupRows);

  const denials = new Map<string, { denial: Denial; occurrences: number; at: Date }>();
  const flush = async (): Promise<void> => {
    const counted = [...denials.values()];
    denials.clear();
    for (const { denial, occurrences, at } of counted) {
      const row = { recordIds: [], collection: "", ...denial, _id: newId("access"), at, occurrences };
      await write({ ...row, recordCount: row.recordIds.length, fields: [] }).catch((error: unknown) =>
        log.warn({ err: error, action: denial.action, refusal: denial.refusal, occurrences }, "refusals not recorded"),
      );
    }
  };
  const flushing = setInterval(() => void flush(), denialMs);
  flushing.unref();

  return {
    record: async ({ tenant, actor, method, origin }, accesses) => {
      const at = now();
      const action = method.slice(method.indexOf("/") + 1);
      const recordOne = async (access: Access): Promise<void> => {
        const { kind, collection, recordIds = [], recordCount = recordIds.length, fields = [] } = access;
        await write({
          _id: newId("access"),
          tenant,
          kind,
          action,
          at,
          actor,
          origin,
          collection,
          recordIds: recordIds.slice(0, maxRecordIds),
          recordCount,
          fields,
          refusal: "",
          occurrences: 1,
        });
      };
      try {
        await Promise.all(accesses.map(recordOne));
      } catch (error) {
        log.error({ err: error, method }, "access not recorded, and so not granted");
        throw new Refusal(reject("ACCESS_LOG_UNAVAILABLE"), { cause: error });
      }
    },
    deny: (denial) => {
      const { tenant, kind, action, actor, origin, refusal, recordIds = [] } = denial;
      const key = JSON.stringify([tenant, kind, action, actor, origin.network, refusal, recordIds]);
      const known = denials.get(key);
      if (known) known.occurrences += 1;
      else if (denials.size < maxDenials) denials.set(key, { denial, occurrences: 1, at: now() });
    },
    scan: async function* ({ after: first, until }) {
      for (let after = first; ; ) {
        const page = await rows
          .find(placed(after, until))
          .hint("order")
          .sort({ recordedAt: 1, _id: 1 })
          .limit(pageRows)
          .toArray();
        yield* page;
        const last = page.at(-1);
        if (last === undefined || page.length < pageRows) return;
        after = { recordedAt: last.recordedAt, id: last._id };
      }
    },
    stop: async () => {
      clearInterval(flushing);
      await flush();
    },
  };
};

/** As in journals: rows of the first instant that were seen are left out in a way that needs no second range. */
const placed = (after: JournalPosition | undefined, until: Date | undefined): Filter<AccessRow> => ({
  recordedAt: { $gte: after?.recordedAt ?? new Date(0), ...(until && { $lte: until }) },
  ...(after && { $nor: [{ recordedAt: after.recordedAt, _id: { $lte: after.id } }] }),
});
