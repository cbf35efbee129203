import { scrub } from "@keynode/telemetry/personal";
import { Binary, type Collection, type Db } from "mongodb";
import type { Host } from "./host.ts";
import type { Recorded } from "./recorded.ts";
import { parseSubject } from "./subject.ts";

/** An event that a subscription could not handle, kept until someone replays or discards it. */
export type DeadLetter = {
  /** `<subscription>:<event id>`, or `<subscription>:<stream>:<sequence>` of a message that is no event. */
  _id: string;
  /** Of the event; empty if the message names none that can be read. */
  tenant: string;
  subscription: string;
  subject: string;
  /** The event whole, so that it outlives the stream. Absent if the message could not be read: it cannot be replayed. */
  event?: Omit<Recorded, "data">;
  /** The payload as received: at most what the broker takes as one message, 1 MiB by default. */
  data: Binary;
  error: string;
  attempts: number;
  firstAt: Date;
  lastAt: Date;
  /** The last replay, if it failed again. */
  replayedAt?: Date;
};

export type DeadMessage = {
  readonly subscription: string;
  readonly key: string;
  readonly subject: string;
  readonly event?: Recorded;
  readonly data: Uint8Array;
  readonly error: unknown;
  readonly attempts: number;
};

export type SuspectMessage = Omit<DeadMessage, "error" | "attempts">;

export type DeadLetterPage = { readonly letters: readonly DeadLetter[]; readonly next?: string };

export type ReplayOutcome =
  | "handled"
  | "failed"
  /** There is no such letter: discarded, or replayed already. */
  | "missing"
  /** The message could not be read, or its subscription does not run in this process. */
  | "unhandled";

export type DeadLetters = {
  put(message: DeadMessage): Promise<void>;
  /**
   * Notes that an event which may have ended processes is about to be handled, as a letter that `discard` takes away
   * again when the handler returns. Answers how often it was noted, this time included.
   */
  suspect(message: SuspectMessage): Promise<number>;
  /** The letters as stored, for lists; indexed by tenant, then subscription, then the time they came. */
  readonly letters: Collection<DeadLetter>;
  /** By id, so that letters which come and go neither shift nor hide others; `after` is the `next` of the page before. */
  list(query?: { subscription?: string; pageSize?: number; after?: string }): Promise<DeadLetterPage>;
  /** Runs the subscription's handler on the letter's event once more; the letter goes when that succeeds. */
  replay(id: string): Promise<ReplayOutcome>;
  /** False if it was not there. */
  discard(id: string): Promise<boolean>;
  /** Removes every letter of a subscription that is gone for good. */
  discardAll(subscription: string): Promise<void>;
  /** Called by a subscription that starts: its handler replays its letters. */
  attach(subscription: string, handle: (event: Recorded) => Promise<void>): void;
  detach(subscription: string): void;
};

const maxErrorLength = 2_000;
const defaultPageSize = 50;
const maxPageSize = 500;

/** Opens a service's dead letters. */
export const openDeadLetters = async (db: Db, { now, log }: Host): Promise<DeadLetters> => {
  const letters = db.collection<DeadLetter>("deadLetters");
  await letters.createIndex({ subscription: 1, _id: 1 }, { name: "subscription" });
  const handlers = new Map<string, (event: Recorded) => Promise<void>>();

  const asLetter = ({ subscription, subject, event, data }: SuspectMessage) => ({
    tenant: event?.tenant ?? parseSubject(subject)?.tenant ?? "",
    subscription,
    subject,
    ...(event ? eventFields(event) : { data: new Binary(data) }),
    firstAt: now(),
  });

  return {
    letters,
    put: async ({ error, attempts, ...message }) => {
      await letters.updateOne(
        { _id: letterId(message) },
        { $set: { error: errorText(error), attempts, lastAt: now() }, $setOnInsert: asLetter(message) },
        { upsert: true },
      );
      const { subscription, subject, event } = message;
      log.error({ subscription, subject, event: event?.id, attempts, err: error }, "event went to the dead letters");
    },
    suspect: async (message) => {
      const letter = await letters.findOneAndUpdate(
        { _id: letterId(message) },
        {
          $set: { error: "the process ended while it was handled", lastAt: now() },
          $inc: { attempts: 1 },
          $setOnInsert: asLetter(message),
        },
        { upsert: true, returnDocument: "after" },
      );
      return letter?.attempts ?? 1;
    },
    list: async ({ subscription, pageSize = defaultPageSize, after } = {}) => {
      const size = Math.min(Math.max(1, pageSize), maxPageSize);
      const found = await letters
        .find({
          ...(subscription !== undefined && { subscription }),
          ...(after !== undefined && { _id: { $gt: after } }),
        })
        .sort({ _id: 1 })
        .limit(size + 1)
        .toArray();
      const page = found.slice(0, size);
      const last = page.at(-1);
      return found.length > size && last ? { letters: page, next: last._id } : { letters: page };
    },
    replay: async (id) => {
      const letter = await letters.findOne({ _id: id });
      if (!letter) return "missing";
      const handle = handlers.get(letter.subscription);
      if (!handle || !letter.event) return "unhandled";
      try {
        await handle({ ...letter.event, data: letter.data.value() });
      } catch (error) {
        const at = now();
        await letters.updateOne(
          { _id: id },
          { $set: { error: errorText(error), lastAt: at, replayedAt: at }, $inc: { attempts: 1 } },
        );
        return "failed";
      }
      await letters.deleteOne({ _id: id });
      return "handled";
    },
    discard: async (id) => (await letters.deleteOne({ _id: id })).deletedCount === 1,
    discardAll: async (subscription) => {
      await letters.deleteMany({ subscription });
    },
    attach: (subscription, handle) => {
      handlers.set(subscription, handle);
    },
    detach: (subscription) => {
      handlers.delete(subscription);
    },
  };
};

const letterId = ({ subscription, key }: SuspectMessage): string => `${subscription}:${key}`;

const eventFields = ({ data, ...event }: Recorded): Pick<DeadLetter, "event" | "data"> => ({
  event,
  data: new Binary(data),
});

/** Shown to operators, who may not see whom it is about: a driver's message quotes what it choked on. */
const errorText = (error: unknown): string =>
  scrub(error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, maxErrorLength);
