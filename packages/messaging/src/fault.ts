import {
  MongoBulkWriteError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoServerError,
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

/**
 * The store could not be reached, went away before it answered, or said that it is on its way down or up: what was asked
 * for may have happened.
 */
export const isConnectionLoss = (error: unknown): boolean =>
  error instanceof MongoNetworkError ||
  error instanceof MongoServerSelectionError ||
  isPoolExhausted(error) ||
  isStoreDown(error) ||
  isLossOfGroup(error);

/** No connection came free in time; the driver does not show the class of this one. */
const isPoolExhausted = (error: unknown): boolean =>
  error instanceof MongoError && error.name === "MongoWaitQueueTimeoutError";

/** What a MongoDB server answers while it stops, starts, or is not the one that takes writes. */
const downCodes: ReadonlySet<number | string> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  89, // NetworkTimeout
  91, // ShutdownInProgress
  189, // PrimarySteppedDown
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** InternalError. FerretDB hands on as one what it hears from a PostgreSQL that is away. */
const internalErrorCode = 1;
const postgresDown =
  /terminating connection|the database system is|failed to connect to|conn closed|unexpected EOF|broken pipe|connection reset/;

const isStoreDown = (error: unknown): boolean => {
  if (!(error instanceof MongoServerError) || error.code === undefined) return false;
  return downCodes.has(error.code) || (error.code === internalErrorCode && postgresDown.test(error.message));
};

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
