import { reconnects } from "@keynode/messaging/reconnects";
import { parseSubject, typeSubject } from "@keynode/messaging/subject";
import type { NatsConnection } from "@nats-io/transport-node";

/** What is to be heard of: event types by context. */
export type Notices = {
  readonly from: Readonly<Record<string, readonly string[]>>;
  /** An event of the tenant and type went over the bus. It may yet be missing in copies, and may come twice. */
  readonly heard: (tenant: string, type: string) => void;
  /** The bus was away: anything may have been missed. */
  readonly missed: () => void;
};

/**
 * Tells each replica, at once and without any state on the broker, that what it holds in memory has changed. It is a
 * notice only, not the fact: what counts is read where it is kept.
 */
export const listenForNotices = (nats: NatsConnection, { from, heard, missed }: Notices): { stop(): void } => {
  const subscriptions = Object.entries(from).flatMap(([context, types]) =>
    types.map((type) =>
      nats.subscribe(typeSubject(context, type), {
        callback: (error, message) => {
          const tenant = error === null ? parseSubject(message.subject)?.tenant : undefined;
          if (tenant !== undefined) heard(tenant, type);
        },
      }),
    ),
  );
  const connection = reconnects(nats, missed);
  return {
    stop: () => {
      connection.stop();
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
};
