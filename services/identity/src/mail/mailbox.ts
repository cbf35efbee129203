import { defineListing, listIndexes } from "@keynode/query/listing";
import type { Collection, Db } from "mongodb";
import type { LinkPurpose } from "./mail.ts";

/** A mail that would have been sent: what it is made of, so that no link lies here that could be stolen. */
export type MailRow = {
  _id: string;
  tenant: string;
  userId: string;
  linkId: string;
  purpose: LinkPurpose;
  expireTime: Date;
  sendTime: Date;
};

/** What mails may be filtered and sorted by. */
export const mailListing = defineListing({
  fields: {
    userId: { path: "userId", type: "string" },
    sendTime: { path: "sendTime", type: "time" },
  },
  indexes: [["-sendTime"], ["userId", "-sendTime"], ["sendTime"]],
  defaultOrder: "-sendTime",
  unowned: true,
});

/** Mails of one tenant that are kept, and for how long. */
const limit = 200;
const keptS = 7 * 86_400;

/** Where mail lies in an installation without a mail server. */
export type Mailbox = {
  readonly rows: Collection<MailRow>;
  prepare(): Promise<void>;
  /** Putting a mail in twice leaves it there once. */
  put(row: MailRow): Promise<void>;
};

export const openMailbox = (db: Db): Mailbox => {
  const rows = db.collection<MailRow>("mails");
  return {
    rows,
    prepare: async () => {
      const expiry = { name: "expiry", key: { sendTime: 1 }, expireAfterSeconds: keptS };
      await rows.createIndexes([...listIndexes(mailListing), expiry]);
    },
    put: async ({ _id, ...row }) => {
      await rows.updateOne({ _id, tenant: row.tenant }, { $setOnInsert: row }, { upsert: true });
      const { tenant } = row;
      const beyond = rows
        .find({ tenant }, { projection: { _id: 1 } })
        .sort({ sendTime: -1, _id: -1 })
        .skip(limit);
      const ids = (await beyond.limit(limit).toArray()).map((each) => each._id);
      if (ids.length > 0) await rows.deleteMany({ tenant, _id: { $in: ids } });
    },
  };
};
