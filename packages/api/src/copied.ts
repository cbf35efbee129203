import { originOf } from "@keynode/aggregate/type-id";
import type { Reference } from "@keynode/decider/reference";
import type { RowTypes } from "@keynode/messaging/generation";
import type { Projection } from "@keynode/messaging/projection";
import type { Kept } from "@keynode/messaging/table";
import type { Filter } from "mongodb";
import { awaitCopy, patienceMs } from "./own-copy.ts";

/** Of the time that a command has left, one in so many parts may go into each wait: a batch gets through in any case. */
const patiencePart = 4;

/** A record of another service as our copy has it. */
export type Copied<Row extends object> = { readonly reference: Reference; readonly row?: Kept<Row> };

/** A record's first event is on the bus this long after it was made, on any clock. */
const publishedWithinMs = 60_000;

/**
 * Looks up another service's record, by its id, in our copy (law 6). It may have been made a moment ago, so a missing
 * one is waited for; a deleted one is not, nor is one whose id says that it was made before, or is none. A record is
 * missing only where the copy has everything that was published before the command came, or since the record was made:
 * an event may be on its way to us for longer, where a process ended with it in hand.
 */
export const findCopied = async <Rows extends RowTypes, Name extends keyof Rows & string>(
  copy: Pick<Projection<Rows>, "tables" | "status" | "asOf">,
  table: Name,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  { now, deadline }: { readonly now: Date; readonly deadline: Date },
): Promise<Copied<Rows[Name]>> => {
  const filter = { _id: id, tenant } as Filter<Kept<Rows[Name]>>;
  const look = async () => (await copy.tables()[table].findOne(filter)) as Kept<Rows[Name]> | null;
  const withinMs = Math.min(patienceMs, (deadline.getTime() - now.getTime()) / patiencePart);
  const found = (row: Kept<Rows[Name]>): Copied<Rows[Name]> =>
    row.deleted ? { reference: "MISSING" } : { reference: "KNOWN", row };

  const made = originOf(id);
  const settledAt = made instanceof Date ? new Date(made.getTime() + publishedWithinMs) : undefined;
  const isOld = settledAt !== undefined && settledAt < now;
  const soon = await awaitCopy(look, isOld || made === "malformed" ? 0 : withinMs);
  if (soon !== undefined) return found(soon);
  if (made === "malformed") return { reference: "MISSING" };
  if (Object.values(copy.status().sources).some((state) => state !== "live")) return { reference: "UNSURE" };
  const caughtUp = async (): Promise<true | undefined> => {
    const asOf = await copy.asOf();
    return asOf !== undefined && asOf >= (isOld ? settledAt : now) ? true : undefined;
  };
  if ((await awaitCopy(caughtUp, withinMs)) === undefined) return { reference: "UNSURE" };
  const late = await look();
  return late === null ? { reference: "MISSING" } : found(late);
};
