import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { testEngines } from "@keynode/engines/testing";
import type { Host } from "@keynode/messaging/host";
import { afterAll } from "vitest";
import { chainId } from "../../src/audit/chain.ts";
import { openEntries } from "../../src/audit/entries.ts";
import { type EntryFacts, entryDigest, type StoredEntry } from "../../src/audit/entry.ts";
import type { AuditedLog, Read } from "../../src/audit/logs.ts";
import { sealer, sealsOf } from "../../src/audit/seal.ts";
import { openSigner } from "../../src/audit/signature.ts";
import { openSources } from "../../src/audit/sources.ts";

const silent = () => undefined;

/** A trail of the file's own, with a clock that the tests set. Call it in `beforeAll`. */
export const openTrail = async () => {
  const mongo = mongoClient(testEngines().mongodbUri);
  const db = mongo.db(`test_trail_${randomUUID().replaceAll("-", "")}`);
  const clock = { at: new Date("2026-03-01T12:00:00Z") };
  const now = () => clock.at;
  const host: Host = { now, log: { debug: silent, info: silent, warn: silent, error: silent } };
  const entries = openEntries(db, { now, sealAfterMs: 0 });
  await entries.prepare();
  const { privateJwk } = await generateKeyPair();
  const signer = openSigner({ ...privateJwk, kid: privateJwk.kid ?? "" }, []);
  const seals = sealsOf(db);
  const retention = { years: 7 };
  const sealing = { entries, seals, signer, now, retentionYears: async () => retention.years };
  afterAll(async () => {
    await db.dropDatabase();
    await mongo.close();
  });
  return {
    entries,
    seals,
    signer,
    clock,
    host,
    retention,
    /** One replica's view of who follows which service. */
    sources: () => openSources(db, { services: ["lead"], owner: randomUUID(), now }),
    /** One replica's sealer. */
    seal: (tenant: string, service = "lead") => sealer(sealing).seal(chainId(tenant, service), tenant),
    sealed: (tenant: string) =>
      entries.collection
        .find({ tenant, sequence: { $exists: true } })
        .sort({ sequence: 1 })
        .toArray(),
    of: (tenant: string) => entries.collection.find({ tenant }).sort({ recordedAt: 1, _id: 1 }).toArray(),
  };
};

/** An entry of an access, recorded then. */
export const entryOf = (tenant: string, recordedAt: Date, changes: Partial<EntryFacts> = {}): StoredEntry => {
  const facts: EntryFacts = {
    _id: randomUUID(),
    tenant,
    service: "lead",
    kind: "READ",
    action: "GetLead",
    collection: "leads",
    recordIds: ["lead_1"],
    recordCount: 1,
    version: 0,
    fields: ["phone"],
    actor: "user_1",
    at: recordedAt,
    recordedAt,
    causedBy: "",
    requestId: "",
    sessionId: "",
    agent: "",
    refusal: "",
    occurrences: 1,
    ...changes,
  };
  return { ...facts, digest: entryDigest(facts), open: true };
};

/** A service's log in memory: rows can be put into it anywhere, as clocks and slow writes do. */
export const logOf = (rows: StoredEntry[]): AuditedLog => {
  const readOf = (entry: StoredEntry): Read => ({ entry, place: { recordedAt: entry.recordedAt, id: entry._id } });
  const after = (place: { recordedAt: Date; id: string }, until = new Date(8.64e15)) =>
    rows
      .filter(({ recordedAt, _id }) => {
        const late = +recordedAt - +place.recordedAt;
        return (late > 0 || (late === 0 && _id > place.id)) && recordedAt <= until;
      })
      .toSorted((one, other) => +one.recordedAt - +other.recordedAt || (one._id < other._id ? -1 : 1))
      .map(readOf);
  return {
    name: "accesses",
    read: async function* (place) {
      yield* after(place);
    },
    keys: async function* (place, until) {
      for (const { entry, place: at } of after(place, until)) yield { id: entry._id, place: at };
    },
    find: async function* (keys) {
      yield* rows.filter(({ _id }) => keys.some(({ id }) => id === _id)).map(readOf);
    },
  };
};
