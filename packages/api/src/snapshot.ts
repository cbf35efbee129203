import type { MessageCodec, Recorded } from "@keynode/messaging/recorded";

/** Generated event codecs by the short names of their messages: a generated `…_events` module is one. */
export type EventModule = Readonly<Record<string, unknown>>;

/** The record after the commit, which its last event carries; undefined for the others and for events not in the module. */
export const snapshotOf = <Snapshot>(event: Recorded, events: EventModule): Snapshot | undefined =>
  event.index === event.count - 1
    ? (messageOf(event, events) as { snapshot?: Snapshot } | undefined)?.snapshot
    : undefined;

/** The event's message; undefined when the module has none of its name. */
export const messageOf = (event: Recorded, events: EventModule): object | undefined => {
  const codec = Object.hasOwn(events, event.type) ? events[event.type] : undefined;
  return codec === undefined ? undefined : (codec as MessageCodec<object>).decode(event.data);
};
