import { isDryRun } from "@keynode/telemetry/dry-run";
import type { Db } from "mongodb";
import { isDuplicate } from "./fault.ts";

/** The numbers of one series that a tenant has given out. */
type SequenceDocument = { _id: string; tenant: string; last: bigint };

/** Gives the next number of a series, beginning with 1: each of a tenant's is given out once, and none in a dry run. */
export type Sequence = (tenant: string) => Promise<bigint>;

/**
 * Numbers that people read and speak of, such as those of cases: a reservation document per tenant and series (law 1).
 * One that is taken and not used leaves a gap.
 */
export const openSequence = (db: Db, series: string): Sequence => {
  const sequences = db.collection<SequenceDocument>("sequences");
  const idOf = (tenant: string): string => `${tenant}/${series}`;

  const take: Sequence = async (tenant) => {
    const taken = await sequences.findOneAndUpdate(
      { _id: idOf(tenant), tenant },
      { $inc: { last: 1n } },
      { upsert: true, returnDocument: "after" },
    );
    if (taken === null) throw new Error(`no number of ${series} could be taken`);
    return BigInt(taken.last);
  };

  return async (tenant) => {
    if (isDryRun()) return BigInt((await sequences.findOne({ _id: idOf(tenant), tenant }))?.last ?? 0n) + 1n;
    try {
      return await take(tenant);
    } catch (error) {
      // Two took the first number of the series at once; the document is there now.
      if (isDuplicate(error)) return await take(tenant);
      throw error;
    }
  };
};
