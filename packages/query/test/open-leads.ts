import { randomUUID } from "node:crypto";
import { testEngines } from "@keynode/engines/testing";
import { type Collection, MongoClient } from "mongodb";
import { listIndexes } from "../src/listing.ts";
import { type LeadDocument, leads } from "./leads.ts";

/** A collection of this test's own with the listing's indexes; `close` removes it. */
export const openLeads = async (): Promise<{ collection: Collection<LeadDocument>; close(): Promise<void> }> => {
  const client = await MongoClient.connect(testEngines().mongodbUri, {
    retryWrites: false,
    useBigInt64: true,
    ignoreUndefined: true,
  });
  const db = client.db(`query_${randomUUID().slice(0, 8)}`);
  const collection = db.collection<LeadDocument>("leads");
  await collection.createIndexes(listIndexes(leads));
  return {
    collection,
    close: async () => {
      await db.dropDatabase();
      await client.close();
    },
  };
};
