import { MongoServerError } from "mongodb";

/** What a store says of one write that it did not do. */
export type WriteFault = { readonly code?: number | string | undefined; readonly message: string };

/** Two writes stood in each other's way and this one was undone: MongoDB's WriteConflict, DocumentDB's deadlock. */
export const isContention = (fault: WriteFault): boolean =>
  fault.code === 112 || /deadlock detected/i.test(fault.message);

/** The same of a whole command. */
export const isContendedCommand = (error: unknown): boolean => error instanceof MongoServerError && isContention(error);

/**
 * A document with that `_id`, or that unique value, is there already. DocumentDB has PostgreSQL's own words for it when
 * two upserts meet.
 */
export const isDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError &&
  (error.code === 11000 || /duplicate key value violates unique constraint/i.test(error.message));

/** Name of the unique index that a write ran into; MongoDB and DocumentDB both say it only in their message. */
export const duplicateIndex = ({ code, message }: WriteFault): string | undefined =>
  code === 11000 ? /[iI]ndex:? '?([\w.-]+)'?/.exec(message)?.[1] : undefined;
