import type { AggregateDocument } from "@keynode/messaging/entry";
import { isConnectionLoss } from "@keynode/messaging/fault";
import { gather } from "@keynode/messaging/gather";
import { type FindById, gatheredFind } from "@keynode/messaging/gathered-find";
import { type Collection, type Filter, MongoBulkWriteError, MongoServerError, type UpdateFilter } from "mongodb";
import { isContendedCommand, type WriteFault } from "./fault.ts";

/** One commit on an existing record: a compare-and-set on the version that was read. */
export type Change<State> = {
  /** The version that was read. */
  readonly from: number;
  /** The record as it is to be, but for its outbox: only the events that are added. */
  readonly to: AggregateDocument<State> & { readonly relayAt: Date };
};

/** What became of one write; a record that was changed since makes it `lost`. */
export type Written = "written" | "lost" | WriteFault;

/** A group of writes failed as a whole, and not because the store is away: any of them may be the reason, or be done. */
export class GroupFault extends Error {
  constructor(cause: unknown) {
    super("a group of writes failed", { cause });
  }
}

/** How a store's writes reach the engine: with those of others, or by itself. */
export type Company = "grouped" | "alone";

/** The documents of one aggregate, read and written in groups. */
export type Records<State> = {
  load(tenant: string, id: string): Promise<AggregateDocument<State> | undefined>;
  insert(document: AggregateDocument<State>, company: Company): Promise<Written>;
  update(change: Change<State>, company: Company): Promise<Written>;
};

/** Documents of one group; on the engines we run, a hundred cost little more apiece than thirty. */
const maxItems = 100;

/** Bytes of events in one statement: with the states some ten megabytes at most, where sixteen are the limit. */
const maxWeight = 2 * 1024 * 1024;

/** The runs of one kind under way: while the engine works on one, the next gathers. */
const maxRuns = 2;

/**
 * Gathers what commands do to one collection at the same moment: each is still one atomic test and change of one document
 * (law 1), but sixteen sent together cost the engine about as much as two sent alone. Groups go in the order of their
 * ids, as every other write of many records does, so that no two wait for each other.
 */
export const openRecords = <State>(
  collection: Collection<AggregateDocument<State>>,
  journal: { holds(tenants: readonly string[], eventIds: readonly string[]): Promise<ReadonlySet<string>> },
): Records<State> => {
  type Document = AggregateDocument<State>;
  const insertAll = async (documents: readonly Document[]): Promise<readonly Written[]> => {
    const faults = await faultsOf(documents.length, () =>
      collection.insertMany(documents as never, { ordered: false }),
    );
    return documents.map((_, index) => faults?.get(index) ?? "written");
  };

  const updateAll = async (changes: readonly Change<State>[]): Promise<readonly Written[]> => {
    const inOrder = changes.toSorted((a, b) => (a.to._id < b.to._id ? -1 : 1));
    let matched = 0;
    const faults = await faultsOf(changes.length, async () => {
      ({ matchedCount: matched } = (await updateTogether(inOrder)) ?? (await updateEach(inOrder)));
    });
    // Totals say what became of each only where all did the same.
    if (faults === undefined && matched === changes.length) return changes.map(() => "written");
    const landed = await landedOf(inOrder.filter((_, index) => !faults?.has(index)));
    return changes.map(
      (change) => faults?.get(inOrder.indexOf(change)) ?? (landed.has(eventOf(change)) ? "written" : "lost"),
    );
  };

  const updateEach = (changes: readonly Change<State>[]) =>
    collection.bulkWrite(
      changes.map(({ from, to: { _id, tenant, state, version, relayAt, wakeAt, outbox } }) => ({
        updateOne: {
          filter: { _id, tenant, version: from } as Filter<Document>,
          update: {
            $set: { state, version, relayAt, ...(wakeAt && { wakeAt }) },
            $push: { outbox: { $each: outbox } },
            ...(wakeAt === undefined && { $unset: { wakeAt: "" } }),
          } as unknown as UpdateFilter<Document>,
        },
      })),
      { ordered: false },
    );

  /**
   * One statement in which each document looks its change up costs the engine little more than half of what a statement for
   * each does. It is still one atomic test and change of one document after the other. Undefined when the changes are too
   * large for it, or the engine refuses it for one of them: whatever it did by then, they can be sent one by one.
   */
  const updateTogether = async (changes: readonly Change<State>[]) => {
    if (changes.length === 1 || weightOf(changes) > maxWeight) return undefined;
    const ids = changes.map(({ to }) => to._id);
    const place = { $indexOfArray: [{ $literal: ids }, "$_id"] };
    const its = (valueOf: (change: Change<State>) => unknown) => ({
      $arrayElemAt: [{ $literal: changes.map(valueOf) }, place],
    });
    const filter = {
      _id: { $in: ids },
      tenant: { $in: [...new Set(changes.map(({ to }) => to.tenant))] },
      $expr: { $eq: ["$version", its(({ from }) => from)] },
    } as unknown as Filter<Document>;
    const set = {
      state: its(({ to }) => to.state),
      version: its(({ to }) => to.version),
      relayAt: its(({ to }) => to.relayAt),
      wakeAt: { $ifNull: [its(({ to }) => to.wakeAt ?? null), "$$REMOVE"] },
      outbox: { $concatArrays: ["$outbox", its(({ to }) => to.outbox)] },
    };
    try {
      return await collection.updateMany(filter, [{ $set: set }]);
    } catch (error) {
      if (!(error instanceof MongoServerError) || isConnectionLoss(error) || isContendedCommand(error)) throw error;
      return undefined;
    }
  };

  /** Which of these commits happened: their events wait in the documents or, once relayed, stand in the journal. */
  const landedOf = async (changes: readonly Change<State>[]): Promise<ReadonlySet<string>> => {
    const tenants = [...new Set(changes.map(({ to }) => to.tenant))];
    const ids = changes.map(({ to }) => to._id);
    const filter = { _id: { $in: ids }, tenant: { $in: tenants } } as Filter<Document>;
    const documents = await collection.find(filter, { projection: { "outbox.id": 1 } }).toArray();
    const waiting = new Set(documents.flatMap(({ outbox }) => outbox.map(({ id }) => id)));
    const left = changes.map(eventOf).filter((id) => !waiting.has(id));
    return left.length === 0 ? waiting : waiting.union(await journal.holds(tenants, left));
  };

  const load = gatheredFind(collection as unknown as Collection<{ _id: string; tenant: string }>) as FindById<Document>;
  const insert = gather(insertAll, { maxItems, maxRuns });
  const update = gather(updateAll, { maxItems, maxRuns });
  const alone = async <Item>(run: (items: readonly Item[]) => Promise<readonly Written[]>, item: Item) =>
    (await run([item]))[0] ?? "lost";

  return {
    load: (tenant, id) => load({ tenant, id }),
    insert: (document, company) => (company === "alone" ? alone(insertAll, document) : insert(document)),
    update: (change, company) => (company === "alone" ? alone(updateAll, change) : update(change)),
  };
};

/** An event of the commit tells it from every other. */
const eventOf = ({ to }: Change<unknown>): string => to.outbox.at(-1)?.id ?? "";

/** What changes weigh by their events' data. A state is up to four times as large as its snapshot, which is in there. */
const weightOf = (changes: readonly Change<unknown>[]): number =>
  changes.reduce((sum, { to }) => sum + to.outbox.reduce((bytes, { data }) => bytes + data.length(), 0), 0);

/** The faults of single writes by their place in the group; undefined when there are none. */
const faultsOf = async (
  count: number,
  write: () => Promise<unknown>,
): Promise<ReadonlyMap<number, WriteFault> | undefined> => {
  try {
    await write();
    return undefined;
  } catch (error) {
    const failures = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
    if (failures.length === 0) {
      throw count === 1 || isConnectionLoss(error) || isContendedCommand(error) ? error : new GroupFault(error);
    }
    return new Map(failures.map(({ index, code, errmsg }) => [index, { code, message: errmsg ?? "" }]));
  }
};
