import { MongoClient, type MongoClientOptions } from "mongodb";
import { BreakingConnection } from "./breaking-connection.ts";

/** The driver takes its parts as options, without telling so in their type. */
const driverParts: object = { connectionType: BreakingConnection };

/** What the URI says in these matters holds instead. */
const defaults: MongoClientOptions = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 30_000,
  waitQueueTimeoutMS: 10_000,
};

/**
 * A client as every service opens it. `retryWrites` is off because standalone and compatible stores refuse it (the store
 * looks a command up instead); int64 is bigint, as in the messages; an undefined field is an absent one. Every command ends:
 * with an answer, or as a broken connection.
 */
export const mongoClient = (uri: string, options: MongoClientOptions = {}): MongoClient =>
  new MongoClient(uri, {
    retryWrites: false,
    useBigInt64: true,
    ignoreUndefined: true,
    ...unsaid(uri, defaults),
    ...options,
    ...driverParts,
  });

const unsaid = (uri: string, options: MongoClientOptions): MongoClientOptions => {
  const said = new Set([...new URLSearchParams(uri.split("?")[1]).keys()].map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(options).filter(([name]) => !said.has(name.toLowerCase())));
};
