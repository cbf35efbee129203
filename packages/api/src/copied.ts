import type { Reference } from "@keynode/decider/reference";
import type { RowTypes } from "@keynode/messaging/generation";
import type { Projection } from "@keynode/messaging/projection";
import type { Kept } from "@keynode/messaging/table";
import type { Filter } from "mongodb";
import { awaitCopy, patienceMs } from "./own-copy.ts";

/** Of the time that a command has left, one in so many parts may go into waiting: a batch gets through in any case. */
const patiencePart = 4;

/** A record of another service as our copy has it. */
export type Copied<Row extends object> = { readonly reference: Reference; readonly row?: Kept<Row> };

/**
 * Looks up another service's record, by its id, in our copy (law 6). It may have been made a moment ago, so a missing
 * one is waited for; a deleted one is not.
 */
export const findCopied = async <Rows extends RowTypes, Name extends keyof Rows & string>(
  copy: Pick<Projection<Rows>, "tables" | "status">,
  table: Name,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  { now, deadline }: { readonly now: Date; readonly deadline: Date },
): Promise<Copied<Rows[Name]>> => {
  const filter = { _id: id, tenant } as Filter<Kept<Rows[Name]>>;
  const look = async () => (await copy.tables()[table].findOne(filter)) as Kept<Rows[Name]> | null;
  const row = await awaitCopy(look, Math.min(patienceMs, (deadline.getTime() - now.getTime()) / patiencePart));
  if (row !== undefined) return row.deleted ? { reference: "MISSING" } : { reference: "KNOWN", row };
  const isLive = Object.values(copy.status().sources).every((state) => state === "live");
  return { reference: isLive ? "MISSING" : "UNSURE" };
};
