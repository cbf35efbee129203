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
};

/** Waits before the second, third … attempt; the last one repeats. */
const retryAfterMs = [500, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000];

/** While what a handler needs is away, an event is tried this often. */
const outageRetryMs = 15_000;

/** Failed events whose attempts are remembered; past it the longest known one starts over. */
const rememberedFailures = 10_000;

/** Counts attempts by event id, in this process: a restart grants an event new ones. */
export const delivery = ({
  subscription,
  handle,
  maxAttempts,
  host,
}: {
  subscription: string;
  handle: (event: Recorded) => Promise<void>;
  maxAttempts: number;
  host: Pick<Host, "log">;
}): Delivery => {
  const failures = new Map<string, number>();

  const failed = (event: Recorded): number => {
    const attempts = (failures.get(event.id) ?? 0) + 1;
    failures.delete(event.id);
    failures.set(event.id, attempts);
    const oldest = failures.size > rememberedFailures ? failures.keys().next().value : undefined;
    if (oldest !== undefined) failures.delete(oldest);
    return attempts;
  };

  return {
    attempt: async (event) => {
      try {
        await handled(subscription, event, handle);
        failures.delete(event.id);
        return { kind: "handled" };
      } catch (error) {
        if (isOutage(error)) {
          host.log.warn({ subscription, event: event.id, err: error }, "event waits for what its handler needs");
          return { kind: "retry", afterMs: jittered(outageRetryMs) };
        }
        const attempts = failed(event);
        if (error instanceof Poison || attempts >= maxAttempts) {
          failures.delete(event.id);
          return { kind: "dead", error, attempts };
        }
        host.log.warn({ subscription, event: event.id, attempts, err: error }, "event failed and will be tried again");
        return { kind: "retry", afterMs: jittered(retryAfterMs[attempts - 1] ?? retryAfterMs.at(-1) ?? 0) };
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

const jittered = (ms: number): number => ms * (0.8 + Math.random() * 0.4);
