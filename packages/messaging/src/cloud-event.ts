import { headers, type MsgHdrs } from "@nats-io/transport-node";
import type { Recorded } from "./recorded.ts";
import { eventSubject, parseSubject } from "./subject.ts";

/** One event as the bus carries it. */
export type BusMessage = {
  readonly id: string;
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly data: Uint8Array;
};

/** Deduplicates on the broker within the stream's window. */
const messageIdHeader = "Nats-Msg-Id";

/**
 * CloudEvents 1.0 in the NATS binding's binary mode: attributes as `ce-` headers, the protobuf message as the payload.
 * `recordversion`, `eventindex`, `eventcount`, `tenant`, `kind`, `actor` and `causedby` are extension attributes.
 */
export const toBusMessage = (event: Recorded): BusMessage => {
  const head = headers();
  head.set(messageIdHeader, event.id);
  head.set("ce-specversion", "1.0");
  head.set("ce-id", event.id);
  head.set("ce-source", `/crm/${event.context}`);
  head.set("ce-type", `crm.${event.context}.v1.${event.type}`);
  head.set("ce-subject", event.recordId);
  head.set("ce-time", event.at.toISOString());
  head.set("ce-datacontenttype", "application/protobuf");
  head.set("ce-tenant", event.tenant);
  head.set("ce-kind", event.kind);
  head.set("ce-recordversion", String(event.version));
  head.set("ce-eventindex", String(event.index));
  head.set("ce-eventcount", String(event.count));
  head.set("ce-actor", event.actor);
  if (event.causedBy !== undefined) head.set("ce-causedby", event.causedBy);
  if (event.traceparent !== undefined) head.set("traceparent", event.traceparent);
  return {
    id: event.id,
    subject: eventSubject(event.context, event.type, event.tenant),
    headers: head,
    data: event.data,
  };
};

/** A message that is no event of ours, or one whose headers contradict its subject: it must never reach a handler. */
export type Malformed = { readonly malformed: string };

/** Reads an event off the bus. The subject decides: on it the broker enforces who may publish, on headers it cannot. */
export const fromBusMessage = (message: {
  readonly subject: string;
  readonly headers?: MsgHdrs | undefined;
  readonly data: Uint8Array;
}): Recorded | Malformed => {
  const subject = parseSubject(message.subject);
  if (!subject) return { malformed: "the subject is not an event's" };
  const head = message.headers;
  if (!head) return { malformed: "no headers" };
  const { context, type, tenant } = subject;
  if (head.get("ce-specversion") !== "1.0") return { malformed: "not CloudEvents 1.0" };
  if (head.get("ce-source") !== `/crm/${context}`) return { malformed: "source and subject name different contexts" };
  if (head.get("ce-type") !== `crm.${context}.v1.${type}`)
    return { malformed: "type and subject name different events" };
  if (head.get("ce-tenant") !== tenant) return { malformed: "headers and subject name different tenants" };

  const [id, recordId, kind, actor] = ["ce-id", "ce-subject", "ce-kind", "ce-actor"].map((name) => head.get(name));
  if (!id || !recordId || !kind || !actor) return { malformed: "an id, subject, kind or actor is missing" };
  const at = new Date(head.get("ce-time"));
  if (Number.isNaN(at.getTime())) return { malformed: "no time" };
  const version = naturalNumber(head.get("ce-recordversion"));
  const index = naturalNumber(head.get("ce-eventindex"));
  const count = naturalNumber(head.get("ce-eventcount"));
  if (version === undefined || index === undefined || count === undefined || index >= count)
    return { malformed: "no place in its record" };

  const causedBy = head.get("ce-causedby");
  const traceparent = head.get("traceparent");
  return {
    id,
    type,
    context,
    tenant,
    kind,
    recordId,
    version,
    index,
    count,
    at,
    actor,
    ...(causedBy && { causedBy }),
    ...(traceparent && { traceparent }),
    data: message.data,
  };
};

export const isMalformed = (read: Recorded | Malformed): read is Malformed => "malformed" in read;

const naturalNumber = (text: string): number | undefined => {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
};
