import type { Origin } from "@keynode/telemetry/origin";
import type { Binary } from "mongodb";

/**
 * One event waiting in an aggregate's outbox. Events of one commit share `version`; `index` counts
 * from 0 to `count - 1`, and the last one's message carries the record's snapshot.
 */
export type OutboxEntry = {
  /** UUIDv7; also the CloudEvents id and Nats-Msg-Id. */
  id: string;
  /** The event message's short name, for example `LeadCaptured`. */
  type: string;
  version: number;
  index: number;
  count: number;
  /** When the commit was decided. */
  at: Date;
  /** `user_…`, `apikey_…` or `service:<name>`. */
  actor: string;
  /** Id of the event that this one reacts to. */
  causedBy?: string;
  /** W3C trace context of the request that caused it. */
  traceparent?: string;
  /** From where the call came that caused it; for the audit trail, it stays out of what is published. */
  origin?: Origin;
  /** The event message, protobuf-encoded. */
  data: Binary;
  /** On a commit's last entry only, unless it made the record: names of the fields that it changed, private ones too. */
  changed?: readonly string[];
  /** On a commit's last entry only: digest of tenant, caller, method, record and the client's idempotency key. */
  commandKey?: string;
  /** Digest of the request that carried `commandKey`. */
  requestHash?: string;
};

/** A row of a service's journal: the outbox entry, and whose it is. `_id` is the event's id. */
export type JournalRow = Omit<OutboxEntry, "id"> & {
  _id: string;
  tenant: string;
  /** The aggregate's name, for example `lead`. */
  kind: string;
  /** The record's id. */
  aggregate: string;
  /** When the relay wrote the row. */
  recordedAt: Date;
};

/** An aggregate as stored: one document, one write per command. `state` is the resource message and private fields. */
export type AggregateDocument<State> = {
  _id: string;
  tenant: string;
  version: number;
  state: State;
  outbox: OutboxEntry[];
  /** Set while the outbox holds entries: when the sweep may take them over. */
  relayAt?: Date;
  /** When the aggregate's timer is due. */
  wakeAt?: Date;
};
