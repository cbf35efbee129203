import {
  MongoBulkWriteError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoServerSelectionError,
} from "mongodb";

/** The event can never be handled: it goes to the dead letters at once. */
export class Poison extends Error {
  override readonly name = "Poison";
}

/** What the handler needs is away for now: the event is tried until it is back, and is not counted as failed meanwhile. */
export class Transient extends Error {
  override readonly name = "Transient";
}

/** The store could not be reached, or went away before it answered: what was asked for may have happened. */
export const isConnectionLoss = (error: unknown): boolean =>
  error instanceof MongoNetworkError || error instanceof MongoServerSelectionError || isLossOfGroup(error);

/** Of a group of writes the driver keeps no more of a broken connection than its words; the store's refusals have a code. */
const isLossOfGroup = (error: unknown): boolean =>
  error instanceof MongoBulkWriteError &&
  error.code === undefined &&
  [error.writeErrors].flat().length === 0 &&
  /\bE[A-Z]{4,}\b|\b(?:connection|socket|timed out|topology|server selection)\b/i.test(error.message);

/** Whether a fault says nothing about the event: our own store is away, or a handler said `Transient`. */
export const isOutage = (error: unknown): boolean =>
  error instanceof Transient ||
  isConnectionLoss(error) ||
  (error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.RetryableWriteError));
