import { randomUUID } from "node:crypto";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { toBusMessage } from "@keynode/messaging/cloud-event";
import type { JournalRow } from "@keynode/messaging/entry";
import { recordedRow } from "@keynode/messaging/journal";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { inject } from "vitest";
import { eventually } from "./api.ts";

/**
 * Puts a recorded event on the bus once more, as a broker that lost its memory of it would: under a message id that it
 * has not seen.
 */
export const redeliver = async (context: string, recordId: string, type: string): Promise<void> => {
  const { mongoUrl, natsUrl, busPasswords } = inject("access").below;
  const mongo = mongoClient(mongoUrl);
  const nats = await connect({ servers: natsUrl, user: context, pass: busPasswords[context] ?? "" });
  try {
    const journal = mongo.db(`keynode_${context}`).collection<JournalRow>("journal");
    const rows: JournalRow[] = [];
    await eventually(
      async () => {
        rows.splice(0, rows.length, ...(await journal.find({ aggregate: recordId, type }).toArray()));
        return rows.length;
      },
      (found) => {
        if (found === 0) throw new Error(`${type} of ${recordId} is not in the journal yet`);
      },
    );
    for (const row of rows) {
      const { subject, headers, data } = toBusMessage(recordedRow(context, row));
      headers.set("Nats-Msg-Id", randomUUID());
      await jetstream(nats).publish(subject, data, { headers });
    }
  } finally {
    await nats.close();
    await mongo.close();
  }
};
