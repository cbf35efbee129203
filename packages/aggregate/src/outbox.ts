import type { Typed } from "@keynode/decider/decider";
import type { AggregateDocument, OutboxEntry } from "@keynode/messaging/entry";
import type { MessageCodec } from "@keynode/messaging/recorded";
import type { Origin } from "@keynode/telemetry/origin";
import { Binary } from "mongodb";
import { v7 as uuidv7 } from "uuid";
import type { Aggregate, Resource } from "./aggregate.ts";

/** Law 2: a document with this many waiting events, or this many bytes of them, takes no further command. */
const maxEntries = 64;
const maxBytes = 1024 * 1024;

/** Who caused a commit, and under which key it can be found again. */
export type CommitMeta = {
  version: number;
  at: Date;
  actor: string;
  causedBy?: string | undefined;
  traceparent?: string | undefined;
  origin?: Origin | undefined;
  /** Names of the fields that it changes; a commit that makes the record has none. */
  changed?: readonly string[] | undefined;
  commandKey: string;
  requestHash: string;
};

/** Encodes the events of one commit; the last one carries the snapshot and the command's key. */
export const outboxEntries = <State extends Resource, Command extends Typed, Event extends Typed, Context>(
  aggregate: Aggregate<State, Command, Event, Context>,
  events: readonly Event[],
  after: State,
  meta: CommitMeta,
): OutboxEntry[] =>
  events.map((event, index) => {
    const last = index === events.length - 1;
    const codec = aggregate.events[event.type as Event["type"]] as MessageCodec<object>;
    const message = last ? { ...event, snapshot: after } : event;
    return {
      id: uuidv7(),
      type: event.type,
      version: meta.version,
      index,
      count: events.length,
      at: meta.at,
      actor: meta.actor,
      ...(meta.causedBy === undefined ? {} : { causedBy: meta.causedBy }),
      ...(meta.traceparent === undefined ? {} : { traceparent: meta.traceparent }),
      ...(meta.origin === undefined ? {} : { origin: meta.origin }),
      data: new Binary(codec.encode(message).finish()),
      ...(last && meta.changed !== undefined ? { changed: meta.changed } : {}),
      ...(last ? { commandKey: meta.commandKey, requestHash: meta.requestHash } : {}),
    };
  });

/** True when the relay is so far behind on this record that it must not grow. */
export const outboxFull = (document: AggregateDocument<unknown>): boolean =>
  document.outbox.length >= maxEntries ||
  document.outbox.reduce((total, entry) => total + entry.data.length(), 0) >= maxBytes;
