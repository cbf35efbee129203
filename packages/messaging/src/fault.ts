import { MongoError, MongoErrorLabel, MongoNetworkError, MongoServerSelectionError } from "mongodb";

/** The event can never be handled: it goes to the dead letters at once. */
export class Poison extends Error {
  override readonly name = "Poison";
}

/** What the handler needs is away for now: the event is tried until it is back, and is not counted as failed meanwhile. */
export class Transient extends Error {
  override readonly name = "Transient";
}

/** Whether a fault says nothing about the event: our own store is away, or a handler said `Transient`. */
export const isOutage = (error: unknown): boolean =>
  error instanceof Transient ||
  error instanceof MongoNetworkError ||
  error instanceof MongoServerSelectionError ||
  (error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.RetryableWriteError));
