import { connect } from "@nats-io/transport-node";
import { MongoClient } from "mongodb";
import { startSubscription } from "../src/consumer.ts";
import { openDeadLetters } from "../src/dead-letter.ts";
import { mongoOptions, testHost } from "./test-host.ts";

/**
 * A subscription in a process of its own, which kills itself (-9) when it handles an event of the record `fatal`, and
 * writes each other event to the collection `handled`. Arguments: MongoDB URI, NATS URL, database, source context, name.
 */
const [mongoUri = "", natsUrl = "", service = "", context = "", name = ""] = process.argv.slice(2);

const client = await new MongoClient(mongoUri, mongoOptions).connect();
const db = client.db(`messaging_${service}`);
const nats = await connect({ servers: natsUrl });
const host = testHost();

startSubscription({
  service,
  name,
  db,
  nats,
  host,
  from: { [context]: "*" },
  ackWaitMs: 300,
  deadLetters: await openDeadLetters(db, host),
  readJournal: async function* () {},
  handle: async ({ id, recordId }) => {
    if (recordId === "fatal") process.kill(process.pid, "SIGKILL");
    await db.collection<{ _id: string }>("handled").updateOne({ _id: id }, { $inc: { times: 1 } }, { upsert: true });
  },
});
