import { connect } from "@nats-io/transport-node";
import { MongoClient } from "mongodb";
import { openJournal } from "../src/journal.ts";
import { startRelay } from "../src/relay.ts";
import { mongoOptions, recordKind, recordsCollection, testHost } from "./test-host.ts";

/**
 * A relay in a process of its own, which kills itself (-9) before a step, once it has been there `rounds` times.
 * Arguments: MongoDB URI, NATS URL, context, step, rounds.
 */
const [mongoUri = "", natsUrl = "", context = "", fatalStep = "", rounds = "0"] = process.argv.slice(2);

const client = await new MongoClient(mongoUri, mongoOptions).connect();
const db = client.db(`messaging_${context}`);
const nats = await connect({ servers: natsUrl });
const host = testHost();
let left = Number(rounds);

await startRelay({
  context,
  db,
  nats,
  host,
  sweepMs: 50,
  journal: await openJournal(db, host),
  sources: [{ collection: recordsCollection, kind: recordKind }],
  before: (step) => {
    if (step === fatalStep && left-- === 0) process.kill(process.pid, "SIGKILL");
  },
});
