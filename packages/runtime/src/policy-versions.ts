import { PolicyRaised } from "@keynode/contracts/crm/identity/v1/policy_events";
import { backoffMs, pause } from "@keynode/messaging/backoff";
import { fromBusMessage, isMalformed } from "@keynode/messaging/cloud-event";
import type { Host } from "@keynode/messaging/host";
import { reconnects } from "@keynode/messaging/reconnects";
import { streamName, typeSubject } from "@keynode/messaging/subject";
import { DeliverPolicy, jetstream, JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";

const identity = "identity";
/** The identity service's stream is looked for this often. */
const retryBackoff = { firstMs: 250, maxMs: 5_000 };

/**
 * A rise is in force as soon as it is heard of, but for those that follow another one of the tenant this soon: while many
 * rights change one after another, callers are looked up once in this time and not once for each change.
 */
const gatherMs = 250;

/** What is known of the tenants' policy versions (law 8). */
export type PolicyVersions = {
  /** The least that a token may have; undefined for a tenant whose rights did not change within the stream's days. */
  minimum(tenant: string): number | undefined;
  stop(): Promise<void>;
};

/** What is known of one tenant. */
type Known = {
  /** What tokens must have. */
  minimum: number;
  /** The highest version that was heard of. */
  heard: number;
  /** When `minimum` last rose. */
  sinceMs: number;
  /** It rises to `heard` in a moment. */
  isWaiting: boolean;
};

/** What passes time; tests say when. */
export type PolicyTiming = {
  readonly clockMs: () => number;
  readonly later: (run: () => void, afterMs: number) => void;
};

const processTiming: PolicyTiming = {
  clockMs: () => performance.now(),
  later: (run, afterMs) => void setTimeout(run, afterMs).unref(),
};

/**
 * Hears of every rise of a policy version, the last one of each tenant also when it was before this start. While the bus
 * is away nothing is heard: then an internal token is good for as long as it lives, which is a minute.
 */
export const watchPolicyVersions = (
  nats: NatsConnection,
  { log }: Host,
  { clockMs, later }: PolicyTiming = processTiming,
): PolicyVersions => {
  const known = new Map<string, Known>();
  const stopping = new AbortController();

  const enforce = (of: Known): void => {
    of.minimum = of.heard;
    of.sinceMs = clockMs();
    of.isWaiting = false;
  };

  const raise = (tenant: string, version: number): void => {
    const of = known.get(tenant) ?? { minimum: 0, heard: 0, sinceMs: Number.NEGATIVE_INFINITY, isWaiting: false };
    known.set(tenant, of);
    if (version <= of.heard) return;
    of.heard = version;
    if (of.isWaiting) return;
    const waitMs = of.sinceMs + gatherMs - clockMs();
    if (waitMs <= 0) enforce(of);
    else {
      of.isWaiting = true;
      later(() => enforce(of), waitMs);
    }
  };

  const listen = async (): Promise<void> => {
    const consumer = await jetstream(nats).consumers.get(streamName(identity), {
      filter_subjects: typeSubject(identity, "PolicyRaised"),
      deliver_policy: DeliverPolicy.LastPerSubject,
    });
    const messages = await consumer.consume({ abort_on_missing_resource: true });
    const close = (): void => void messages.close();
    stopping.signal.addEventListener("abort", close, { once: true });
    if (stopping.signal.aborted) close();
    const connection = reconnects(nats, close);
    try {
      for await (const message of messages) {
        const event = fromBusMessage(message);
        if (isMalformed(event)) continue;
        const { policyVersion } = PolicyRaised.decode(event.data);
        raise(event.tenant, policyVersion);
      }
    } finally {
      connection.stop();
      stopping.signal.removeEventListener("abort", close);
    }
  };

  const watch = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        await listen();
        failures = 0;
      } catch (error) {
        if (!stopping.signal.aborted && !isNotThereYet(error))
          log.warn({ err: error }, "policy versions are not heard");
      }
      await pause(backoffMs(failures, retryBackoff), stopping.signal);
    }
  };

  const running = watch();
  return {
    minimum: (tenant) => known.get(tenant)?.minimum,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

/** The identity service makes its stream when it first starts. */
const isNotThereYet = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
