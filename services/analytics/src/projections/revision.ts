import { grouped } from "@keynode/messaging/grouped";
import type { Table } from "@keynode/messaging/table";

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
