import type { Collection, MongoClient } from "mongodb";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 5;

/**
 * The collections that hold outboxes, in all services' databases. Read below the API, where the bench alone may look: no
 * answer tells whether events still wait.
 */
const outboxCollections = async (client: MongoClient): Promise<Collection[]> => {
  const { databases } = await client.db("admin").admin().listDatabases({ nameOnly: true });
  const collections = await Promise.all(
    databases.filter(({ name }) => name.startsWith("keynode_")).map(({ name }) => client.db(name).collections()),
  );
  const indexed = await Promise.all(
    collections.flat().map(async (collection) => {
      const indexes = await collection.indexes();
      return indexes.some(({ key }) => "relayAt" in key) ? [collection] : [];
    }),
  );
  return indexed.flat();
};

/** Answers a wait until every outbox of the installation is empty. */
export const outboxesOf = async (client: MongoClient): Promise<() => Promise<void>> => {
  const collections = await outboxCollections(client);
  const waits = async (collection: Collection): Promise<boolean> =>
    // Without `$exists` the engine does not use the partial index.
    (await collection.findOne({ relayAt: { $exists: true, $gt: new Date(0) } }, { projection: { _id: 1 } })) !== null;
  return async () => {
    for (const collection of collections) while (await waits(collection)) await delay(POLL_MS);
    // What was empty may have been filled by a reaction to what was not.
    while ((await Promise.all(collections.map(waits))).includes(true)) await delay(POLL_MS);
  };
};
