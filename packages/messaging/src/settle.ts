import type { JsMsg } from "@nats-io/jetstream";
import { pause } from "./backoff.ts";
import type { DeadLetters, DeadMessage } from "./dead-letter.ts";
import type { Delivery, Outcome } from "./delivery.ts";
import type { Host } from "./host.ts";
import { lanes } from "./lanes.ts";
import type { Recorded } from "./recorded.ts";
import { streamName } from "./subject.ts";

/** Deliveries after which an event that this process does not know is suspected of ending processes. */
const unsuspectedDeliveries = 3;

/** Times that handling a suspect may not come back. */
const maxSuspectTimes = 3;

/** Brings each event to its end: handled, given back for later, or buried. None of these rejects. */
export type Settler = {
  message(message: JsMsg, event: Recorded): Promise<void>;
  /** A message that must not reach the handler. */
  malformed(message: JsMsg, why: string, context: string): Promise<void>;
  /** An event without a message to answer: it is tried here until its end, or until the signal fires. */
  journaled(event: Recorded, signal: AbortSignal): Promise<void>;
};

export const settler = ({
  subscription,
  delivery,
  deadLetters,
  unburiedRetryMs,
  host,
}: {
  subscription: string;
  delivery: Delivery;
  deadLetters: DeadLetters;
  /** An event whose dead letter could not be stored comes again this much later. */
  unburiedRetryMs: number;
  host: Host;
}): Settler => {
  const oneSuspect = lanes(1);

  /** False if the dead letter could not be stored. */
  const bury = async (dead: Omit<DeadMessage, "subscription">): Promise<boolean> => {
    try {
      await deadLetters.put({ subscription, ...dead });
      return true;
    } catch (fault) {
      host.log.warn(
        { subscription, key: dead.key, err: fault },
        "dead letter cannot be stored, the event will come again",
      );
      return false;
    }
  };

  /**
   * An event that was delivered again and again, but not to this process, may have ended those that handled it. Such
   * events are handled one at a time, noted meanwhile, so that of those in hand only the guilty one is still noted when
   * the process ends; it is buried once that many processes did not come back from it.
   */
  const attempt = async (message: JsMsg, event: Recorded): Promise<Outcome> => {
    if (message.info.deliveryCount <= unsuspectedDeliveries || delivery.hasTried(event))
      return await delivery.attempt(event);
    let outcome: Outcome | undefined;
    await oneSuspect("", async () => {
      outcome = await attemptSuspect(message, event);
    });
    return outcome ?? { kind: "retry", afterMs: unburiedRetryMs };
  };

  const attemptSuspect = async ({ subject, data }: JsMsg, event: Recorded): Promise<Outcome> => {
    try {
      const times = await deadLetters.suspect({ subscription, key: event.id, subject, event, data });
      if (times > maxSuspectTimes)
        return { kind: "dead", error: new Error("processes ended while it was handled"), attempts: times - 1 };
    } catch (fault) {
      host.log.warn({ subscription, event: event.id, err: fault }, "suspect event cannot be noted, it will come again");
      return { kind: "retry", afterMs: unburiedRetryMs };
    }
    const outcome = await delivery.attempt(event);
    if (outcome.kind !== "dead") await forgiven(event);
    return outcome;
  };

  const forgiven = async (event: Recorded): Promise<void> => {
    await deadLetters.discard(`${subscription}:${event.id}`).catch((fault: unknown) => {
      host.log.warn({ subscription, event: event.id, err: fault }, "a suspect's letter stays, though it was handled");
    });
  };

  return {
    message: async (message, event) => {
      const outcome = await attempt(message, event);
      if (outcome.kind === "handled") return message.ack();
      if (outcome.kind === "retry") return message.nak(outcome.afterMs);
      const { error, attempts } = outcome;
      const buried = await bury({
        key: event.id,
        subject: message.subject,
        event,
        data: message.data,
        error,
        attempts,
      });
      if (buried) message.term();
      else message.nak(unburiedRetryMs);
    },
    malformed: async (message, why, context) => {
      const buried = await bury({
        key: `${streamName(context)}:${message.seq}`,
        subject: message.subject,
        data: message.data,
        error: new Error(why),
        attempts: message.info.deliveryCount,
      });
      if (buried) message.term();
      else message.nak(unburiedRetryMs);
    },
    journaled: async (event, signal) => {
      const subject = `journal of ${event.context}`;
      while (!signal.aborted) {
        const outcome = await delivery.attempt(event);
        if (outcome.kind === "handled") return;
        if (outcome.kind === "retry") await pause(outcome.afterMs, signal);
        else {
          const { error, attempts } = outcome;
          if (await bury({ key: event.id, subject, event, data: event.data, error, attempts })) return;
          await pause(unburiedRetryMs, signal);
        }
      }
    },
  };
};
