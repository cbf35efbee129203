import { attribute, system } from "@keynode/telemetry/attributes";
import { withSpan } from "@keynode/telemetry/span";
import { isOutage, Poison } from "./fault.ts";
import type { Host } from "./host.ts";
import type { Recorded } from "./recorded.ts";
import { streamName } from "./subject.ts";

/** What became of one delivery of an event. */
export type Outcome =
  | { readonly kind: "handled" }
  | { readonly kind: "retry"; readonly afterMs: number }
  | { readonly kind: "dead"; readonly error: unknown; readonly attempts: number };

export type Delivery = {
  /** Runs the handler once and judges what it throws; never rejects. */
  attempt(event: Recorded): Promise<Outcome>;
  /** Whether this process has tried the event before, without an end. */
  hasTried(event: Recorded): boolean;
};

/** Waits before the second, third … attempt; the last one repeats. */
export const defaultRetryAfterMs: readonly number[] = [500, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000];

/** The longest wait while what a handler needs is away. */
const outageRetryMs = 15_000;

/** Events under way whose tries are remembered; past it the one longest untried starts over. */
const rememberedEvents = 10_000;

type Tries = { readonly failures: number; readonly outages: number };

/** Counts attempts by event id, in this process: a restart grants an event new ones. */
export const delivery = ({
  subscription,
  handle,
  maxAttempts,
  retryAfterMs,
  host,
}: {
  subscription: string;
  handle: (event: Recorded) => Promise<void>;
  maxAttempts: number;
  retryAfterMs: readonly number[];
  host: Pick<Host, "log">;
}): Delivery => {
  const tries = new Map<string, Tries>();

  const remember = (event: Recorded, isOutage: boolean): Tries => {
    const { failures, outages } = tries.get(event.id) ?? { failures: 0, outages: 0 };
    const now = isOutage ? { failures, outages: outages + 1 } : { failures: failures + 1, outages };
    tries.delete(event.id);
    tries.set(event.id, now);
    const untried = tries.size > rememberedEvents ? tries.keys().next().value : undefined;
    if (untried !== undefined) tries.delete(untried);
    return now;
  };

  const waitMs = (attempt: number): number => jittered(retryAfterMs[attempt - 1] ?? retryAfterMs.at(-1) ?? 0);

  return {
    hasTried: (event) => tries.has(event.id),
    attempt: async (event) => {
      try {
        await handled(subscription, event, handle);
        tries.delete(event.id);
        return { kind: "handled" };
      } catch (error) {
        const { failures, outages } = remember(event, isOutage(error));
        if (isOutage(error)) {
          host.log.warn({ subscription, event: event.id, err: error }, "event waits for what its handler needs");
          return { kind: "retry", afterMs: Math.min(waitMs(outages), outageRetryMs) };
        }
        if (error instanceof Poison || failures >= maxAttempts) {
          tries.delete(event.id);
          return { kind: "dead", error, attempts: failures };
        }
        host.log.warn({ subscription, event: event.id, failures, err: error }, "event failed and will be tried again");
        return { kind: "retry", afterMs: waitMs(failures) };
      }
    },
  };
};

/** The handler inside a consumer span that continues the trace of the request which caused the event. */
const handled = async (
  subscription: string,
  event: Recorded,
  handle: (event: Recorded) => Promise<void>,
): Promise<void> => {
  const template = `crm.v1.${event.context}.${event.type}.{tenant}`;
  await withSpan(
    {
      name: `process ${template}`,
      kind: "consumer",
      root: event.traceparent === undefined,
      parent: event.traceparent,
      attributes: {
        [attribute.messagingSystem]: system.nats,
        [attribute.messagingDestination]: streamName(event.context),
        [attribute.messagingDestinationTemplate]: template,
        [attribute.messagingOperationType]: "process",
        [attribute.messagingOperationName]: "process",
        [attribute.messagingMessageId]: event.id,
        [attribute.messagingConsumerGroup]: subscription,
        [attribute.tenant]: event.tenant,
      },
    },
    () => handle(event),
  );
};

/** Whole: a broker that is asked for a part of a nanosecond's delay takes it for none at all. */
const jittered = (ms: number): number => Math.round(ms * (0.8 + Math.random() * 0.4));
