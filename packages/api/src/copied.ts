import type { Reference } from "@keynode/decider/reference";
import type { RowTypes } from "@keynode/messaging/generation";
import type { Projection } from "@keynode/messaging/projection";
import type { Kept } from "@keynode/messaging/table";
import type { Filter } from "mongodb";
import { setTimeout as delay } from "node:timers/promises";

/** The longest that a command waits for a record to reach our copy; never more than a quarter of its own time. */
const patienceMs = 2_000;
const firstPauseMs = 10;
const longestPauseMs = 250;

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
  const waitMs = Math.min(patienceMs, (deadline.getTime() - now.getTime()) / 4);
  const filter = { _id: id, tenant } as Filter<Kept<Rows[Name]>>;
  let waitedMs = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const row = (await copy.tables()[table].findOne(filter)) as Kept<Rows[Name]> | null;
    if (row !== null) return row.deleted ? { reference: "MISSING" } : { reference: "KNOWN", row };
    if (waitedMs >= waitMs) break;
    await delay(pauseMs);
    waitedMs += pauseMs;
  }
  const isLive = Object.values(copy.status().sources).every((state) => state === "live");
  return { reference: isLive ? "MISSING" : "UNSURE" };
};
