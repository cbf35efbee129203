import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection, Document, Filter } from "mongodb";

/** Records looked up at once. */
const pageRecords = 200;

/** Does something to each record that matches, page by page in the order of ids, also to those that it makes match no more. */
export const eachChild = async <State>(
  collection: Collection<AggregateDocument<State>>,
  tenant: string,
  match: Document,
  act: (id: string) => Promise<void>,
): Promise<void> => {
  for (let after = ""; ; ) {
    const filter = { ...match, tenant, _id: { $gt: after } } as Filter<AggregateDocument<State>>;
    const page = await collection
      .find(filter, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(pageRecords)
      .toArray();
    for (const { _id } of page) await act(String(_id));
    const last = page.at(-1);
    if (last === undefined || page.length < pageRecords) return;
    after = String(last._id);
  }
};
