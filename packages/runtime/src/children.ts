import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection, Document, Filter } from "mongodb";

/** Records looked up at once. */
const pageRecords = 200;

/**
 * Does something to each record that matches, page by page in the order of ids, also to those that it makes match no
 * more; `parallel` of them at the same time.
 */
export const eachChild = async <State>(
  collection: Collection<AggregateDocument<State>>,
  tenant: string,
  match: Document,
  act: (id: string) => Promise<void>,
  parallel = 1,
): Promise<void> => {
  for (let after = ""; ; ) {
    const filter = { ...match, tenant, _id: { $gt: after } } as Filter<AggregateDocument<State>>;
    const page = await collection
      .find(filter, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(pageRecords)
      .toArray();
    const ids = page.map(({ _id }) => String(_id));
    for (let start = 0; start < ids.length; start += parallel) {
      await Promise.all(ids.slice(start, start + parallel).map(act));
    }
    const last = ids.at(-1);
    if (last === undefined || ids.length < pageRecords) return;
    after = last;
  }
};
