import type { Entries } from "./entries.ts";

/**
 * Drops what the trail holds of a person: of entries about their records the salts that their personal content was hashed
 * with, and of entries of what they did the networks. The hashes stay, so the chain holds; nothing can be read from them.
 */
export const forgetPerson = async (
  { collection }: Pick<Entries, "collection">,
  tenant: string,
  recordIds: readonly string[],
): Promise<number> => {
  const ids = [...recordIds];
  const about = await collection.updateMany(
    { tenant, recordIds: { $in: ids }, "row.content.salt": { $exists: true } },
    { $unset: { "row.content.salt": "" } },
  );
  const by = await collection.updateMany(
    { tenant, actor: { $in: ids }, "network.salt": { $exists: true } },
    { $unset: { "network.salt": "", "network.value": "" } },
  );
  return about.modifiedCount + by.modifiedCount;
};
