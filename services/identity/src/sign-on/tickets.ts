import { randomBytes } from "node:crypto";
import { digestOf } from "@keynode/aggregate/type-id";
import type { Db } from "mongodb";

/** What is known of somebody between two steps of a sign-in. */
export type Tickets<Data extends object> = {
  prepare(): Promise<void>;
  /** Keeps data for a while; the answer is the only way to it, and shown to nobody but who may come back with it. */
  issue(tenant: string, data: Data): Promise<string>;
  /** Hands the data out, once; undefined when the ticket is none, used or expired. */
  redeem(ticket: string): Promise<({ tenant: string } & Data) | undefined>;
};

/** A ticket is known by its digest: what is stored lets nobody sign in. */
type Row<Data> = { _id: string; tenant: string; data: Data; expireAt: Date };

/** Single use holds across replicas: only one of two that redeem at once gets the row that it deletes. */
export const openTickets = <Data extends object>(
  db: Db,
  { collection, lifetimeMs, now }: { collection: string; lifetimeMs: number; now: () => Date },
): Tickets<Data> => {
  const rows = db.collection<Row<Data>>(collection);
  return {
    prepare: async () => {
      await rows.createIndexes([{ name: "expiry", key: { expireAt: 1 }, expireAfterSeconds: 0 }]);
    },
    issue: async (tenant, data) => {
      const ticket = randomBytes(32).toString("base64url");
      const expireAt = new Date(now().getTime() + lifetimeMs);
      await rows.insertOne({ _id: digestOf(ticket), tenant, data, expireAt } as never);
      return ticket;
    },
    redeem: async (ticket) => {
      const row = await rows.findOneAndDelete({ _id: digestOf(ticket) } as never);
      return row === null || row.expireAt <= now() ? undefined : { ...(row.data as Data), tenant: row.tenant };
    },
  };
};
