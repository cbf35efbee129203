import { attribute, system } from "@keynode/telemetry/attributes";
import { type SpanRequest, withSpan } from "@keynode/telemetry/span";
import { type BusMessage, toBusMessage } from "./cloud-event.ts";
import type { JournalRow, OutboxEntry } from "./entry.ts";
import type { Host } from "./host.ts";
import { heldRowMs, type Journal } from "./journal.ts";
import { entryBytes, type Outboxes, type Room, type TakenRecord } from "./outbox.ts";
import { maxBatchBytes, maxBatchMessages, type Publisher } from "./publisher.ts";
import { streamName } from "./subject.ts";
import type { WakeQueue } from "./wake-queue.ts";

/** Records taken by one round, and by one page of the sweep. */
export const roundRecords = 500;

/** How long a stopped record rests before it is tried, and alarms, again. */
const stoppedMs = 10 * 60_000;

/** A record whose outbox head a round has in hand. */
type InHand = { readonly source: Outboxes; readonly record: TakenRecord };

/** One event on its way from an outbox to the bus. */
type Travelling = InHand & { readonly entry: OutboxEntry };

/** What one round has taken. */
export type Round = { readonly records: readonly InHand[]; readonly oldestAt: Date | undefined };

/** What of a round the journal holds and the bus is to get. */
export type Journaled = {
  readonly messages: readonly BusMessage[];
  readonly sent: ReadonlySet<OutboxEntry>;
  readonly stampedAt: Date;
};

/** The steps of the relay. Each may be repeated, and each leaves the outbox as it was until the last one. */
export const relaySteps = ({
  context,
  boxes,
  journal,
  publisher,
  host,
}: {
  context: string;
  boxes: ReadonlyMap<string, Outboxes>;
  journal: Journal;
  publisher: Publisher;
  host: Host;
}) => {
  const stopped = new Set<string>();

  /** Ends a record's part in the round before the first of `refused`, and postpones its next try. */
  const stopRecords = async (
    events: readonly Travelling[],
    refused: ReadonlySet<string>,
    why: string,
  ): Promise<readonly Travelling[]> => {
    if (refused.size === 0) return events;
    const halted = new Map<string, Travelling>();
    const going = events.filter((event) => {
      const key = recordKey(event);
      if (refused.has(event.entry.id) && !halted.has(key)) halted.set(key, event);
      return !halted.has(key);
    });
    for (const [key, { source, record, entry }] of halted) {
      stopped.add(key);
      host.log.error(
        {
          context,
          kind: source.kind,
          record: record.id,
          tenant: record.tenant,
          event: entry.id,
          version: entry.version,
        },
        `record stopped: ${why}`,
      );
      await source.postpone([record.id], new Date(host.now().getTime() + stoppedMs));
    }
    return going;
  };

  return {
    isStopped: (collection: string, id: string): boolean => stopped.has(`${collection}/${id}`),
    stoppedCount: (): number => stopped.size,

    /** Reads the outbox heads of waiting records; what does not fit waits on. */
    take: async (queue: WakeQueue): Promise<Round> => {
      const room: Room = { entries: 0, bytes: 0, maxEntries: maxBatchMessages, maxBytes: maxBatchBytes };
      const records: InHand[] = [];
      const waiting = queue.take(roundRecords);
      try {
        for (const [collection, ids] of waiting) {
          const source = boxes.get(collection);
          if (!source) continue;
          const { taken, untouched } = await source.take(ids, room);
          records.push(...taken.map((record) => ({ source, record })));
          for (const id of untouched) queue.add(collection, id);
        }
      } catch (error) {
        for (const [collection, ids] of waiting) for (const id of ids) queue.add(collection, id);
        throw error;
      }
      const times = records.flatMap(({ record }) => record.entries[0]?.at.getTime() ?? []);
      return { records, oldestAt: times.length > 0 ? new Date(Math.min(...times)) : undefined };
    },

    /** Writes the round to the journal; a record whose place there is taken by another event stops, and alarms. */
    record: async (round: Round): Promise<Journaled> => {
      const all = round.records.flatMap(({ source, record }) =>
        record.entries.map((entry) => ({ source, record, entry })),
      );
      const messages = new Map(
        all.map((event) => [event.entry, sendable(context, event, publisher.maxMessageBytes())]),
      );
      const unsendable = all.filter(({ entry }) => !messages.get(entry)).map(({ entry }) => entry.id);
      const fit = await stopRecords(all, new Set(unsendable), "the bus cannot carry the event");
      const stampedAt = host.now();
      const conflicts = await journal.append(fit.map(journalRow));
      const going = await stopRecords(fit, conflicts, "its place in the journal holds another event");
      return {
        messages: going.flatMap(({ entry }) => messages.get(entry) ?? []),
        sent: new Set(going.map(({ entry }) => entry)),
        stampedAt,
      };
    },

    /** Resolves when the broker holds every event of the round. */
    publish: async ({ messages, stampedAt }: Journaled): Promise<void> => {
      if (messages.length === 0) return;
      if (host.now().getTime() - stampedAt.getTime() > heldRowMs)
        await journal.restamp(messages.map((message) => message.id));
      await withSpan(publishSpan(context, messages), () => publisher.publish(messages));
    },

    /** Removes what was sent from the outboxes; what a record still holds waits on. */
    clear: async (round: Round, { sent }: Journaled, queue: WakeQueue): Promise<void> => {
      const bySource = Map.groupBy(round.records, ({ source }) => source);
      for (const [source, group] of bySource)
        await source.clear(
          group.map(({ record }) => ({ ...record, entries: record.entries.filter((entry) => sent.has(entry)) })),
        );
      for (const inHand of round.records) {
        if (!inHand.record.entries.every((entry) => sent.has(entry))) continue;
        stopped.delete(recordKey(inHand));
        if (inHand.record.more) queue.add(inHand.source.collection, inHand.record.id);
      }
    },
  };
};

const recordKey = ({ source, record }: InHand): string => `${source.collection}/${record.id}`;

const journalRow = ({ source, record, entry }: Travelling): Omit<JournalRow, "recordedAt"> => {
  const { id, ...rest } = entry;
  return { _id: id, tenant: record.tenant, kind: source.kind, aggregate: record.id, ...rest };
};

/** Undefined if the event is too large, or its tenant or type cannot stand in a subject. */
const sendable = (context: string, { source, record, entry }: Travelling, maxBytes: number): BusMessage | undefined => {
  if (entryBytes(entry) > maxBytes) return undefined;
  const { id, type, version, index, count, at, actor, causedBy, traceparent } = entry;
  try {
    return toBusMessage({
      id,
      type,
      context,
      tenant: record.tenant,
      kind: source.kind,
      recordId: record.id,
      version,
      index,
      count,
      at,
      actor,
      data: entry.data.value(),
      ...(causedBy !== undefined && { causedBy }),
      ...(traceparent !== undefined && { traceparent }),
    });
  } catch {
    return undefined;
  }
};

/** Links of one publish span; a larger round's other commits are found by their own traces. */
const maxLinks = 64;

const publishSpan = (context: string, messages: readonly BusMessage[]): SpanRequest => ({
  name: `publish crm.v1.${context}`,
  kind: "producer",
  root: true,
  attributes: {
    [attribute.messagingSystem]: system.nats,
    [attribute.messagingDestination]: streamName(context),
    [attribute.messagingOperationType]: "send",
    [attribute.messagingOperationName]: "publish",
    [attribute.messagingBatchSize]: messages.length,
  },
  links: [...new Set(messages.slice(0, maxLinks).map(({ headers }) => headers.get("traceparent")))],
});
