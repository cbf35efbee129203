import { randomUUID } from "node:crypto";
import { testEngines } from "@keynode/engines/testing";
import type { Db } from "mongodb";
import { afterAll } from "vitest";
import { mongoClient } from "./mongo-client.ts";

/** A database of the test file's own on the run's shared engine; dropped when the file is through. Call it in `beforeAll`. */
export const testDatabase = async (label: string): Promise<Db> => {
  const client = mongoClient(testEngines().mongodbUri);
  await client.connect();
  const db = client.db(`test_${label}_${randomUUID().replaceAll("-", "")}`);
  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
  });
  return db;
};
