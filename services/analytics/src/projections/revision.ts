import { gatheredFind } from "@keynode/messaging/gathered-find";
import { grouped } from "@keynode/messaging/grouped";
import type { Kept, RowKeys, Table } from "@keynode/messaging/table";
import type { Collection } from "mongodb";

/** Changes that one increment stands for, at most. */
const groupChanges = 128;

/**
 * Raises a tenant's revision; call it after its facts have changed. Changes that come while one is being raised share the
 * next. A report that was made from a revision read before it holds everything up to that revision.
 */
export const revisionRaiser = ({ rows }: Table<object>): ((tenant: string) => Promise<void>) =>
  grouped<string>(async (tenants) => {
    const operations = [...new Set(tenants)].map((tenant) => ({
      updateOne: { filter: { _id: tenant, tenant }, update: { $inc: { version: 1 } }, upsert: true },
    }));
    await rows.bulkWrite(operations, { ordered: false });
  }, groupChanges);

/** Reads a tenant's revision, by a query that began after it was asked for. */
export const revisionReader = (rows: Collection<Kept<object>>): ((tenant: string) => Promise<number>) => {
  const find = gatheredFind(rows as unknown as Collection<RowKeys>);
  return async (tenant) => (await find({ id: tenant, tenant }))?.version ?? 0;
};
