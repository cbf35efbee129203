/**
 * `node --conditions=source tools/make-fixture.ts FOLDER`, after `npm run build`: starts every service on an empty data
 * folder, loads a hundred deals and runs the main job, and writes what each service's database then holds, but no
 * secret and no digest of one. A release's fixture is made once, by that release.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import type { Db } from "mongodb";
import { z } from "zod";
import { fixtureFile, packRows, type Row } from "./fixture/rows.ts";
import { startKeynode } from "./launch/keynode.ts";
import { seed } from "./launch/seed.ts";
import { discoverServices, GATEWAY } from "./launch/services.ts";
import { openApi } from "./seed/api-client.ts";

const DEALS = "100";
/** A system in which nothing changed for so many looks has come to rest. */
const QUIET_LOOKS = 10;
const LOOK_MS = 500;

const SECRETS: ReadonlySet<string> = new Set(["passwordHash", "installedHash", "secretDigest", "tokenDigest"]);

const credentials = z.object({ baseUrl: z.url(), apiKey: z.string() });

const root = path.resolve(import.meta.dirname, "..");

/** Every document, by collection and id. */
const rowsOf = async (db: Db): Promise<Row[]> => {
  const collections = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
  const rows: Row[] = [];
  for (const collection of collections) {
    for await (const document of db.collection(collection).find().sort({ _id: 1 })) {
      rows.push({ collection, document: withoutSecrets(document) });
    }
  }
  return rows;
};

const withoutSecrets = <Value>(value: Value): Value => {
  if (Array.isArray(value)) return value.map(withoutSecrets) as Value;
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const kept = Object.entries(value).filter(([key]) => !SECRETS.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutSecrets(inner)])) as Value;
};

/** Resolves when no service records anything any more: what one did was done to all others. */
const untilQuiet = async (databases: readonly Db[]): Promise<void> => {
  let known = "";
  for (let looks = 0; looks < QUIET_LOOKS; looks += 1) {
    const counts = await Promise.all(databases.map((db) => db.collection("journal").countDocuments()));
    if (counts.join() !== known) looks = 0;
    known = counts.join();
    await delay(LOOK_MS);
  }
};

/** What neither the deals nor the main job makes. */
const saveView = async (credentialsFile: string): Promise<void> => {
  const { baseUrl, apiKey } = credentials.parse(JSON.parse(readFileSync(credentialsFile, "utf8")));
  const body = { name: "Hot leads", collection: "leads", filter: "status = QUALIFIED" };
  await openApi({ baseUrl, apiKey }).post("/v1/savedViews", body, "fixture-saved-view");
};

const main = async (folder: string): Promise<void> => {
  const home = mkdtempSync(path.join(tmpdir(), "keynode-fixture-"));
  const services = discoverServices(root);
  const keynode = await startKeynode({
    services,
    settings: {
      home,
      httpHost: "127.0.0.1",
      httpPort: undefined,
      mongodbPort: undefined,
      natsPort: undefined,
      logLevel: "warn",
    },
    temporary: true,
    log: console.log,
  });
  const mongo = mongoClient(keynode.engines.mongo.url);
  try {
    await seed(root, keynode.credentialsFile, DEALS);
    await promisify(execFile)("bash", [path.join(root, "examples", "main-job.sh")], {
      env: { ...process.env, KEYNODE_CREDENTIALS: keynode.credentialsFile },
    });
    await saveView(keynode.credentialsFile);
    const names = services.map(({ name }) => name).filter((name) => name !== GATEWAY);
    await untilQuiet(names.map((name) => mongo.db(`keynode_${name}`)));
    mkdirSync(folder, { recursive: true });
    for (const name of names) {
      const rows = await rowsOf(mongo.db(`keynode_${name}`));
      writeFileSync(fixtureFile(folder, name), packRows(rows));
      console.log(`${name}: ${rows.length} documents`);
    }
  } finally {
    await mongo.close();
    await keynode.stop();
    rmSync(home, { recursive: true, force: true });
  }
};

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Usage: node --conditions=source tools/make-fixture.ts FOLDER");
  process.exitCode = 2;
} else {
  await main(path.resolve(folder));
}
