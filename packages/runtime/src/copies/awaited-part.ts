import { awaitCopy, patienceMs } from "@keynode/api/own-copy";
import type { HeldByTenant } from "./held-by-tenant.ts";

/** What was decided elsewhere is on the bus and in the copy this long after, on a busy machine too. */
const heardWithinMs = 1_000;

/** A tenant's part of a copy, and whether it has all that was decided before it was asked for. */
export type AwaitedPart<Part> = { readonly part: Part; readonly isWhole: boolean };

/**
 * A tenant's part of a copy once it has what is looked for, which may have been decided elsewhere just before and not be
 * on the bus yet; where that does not come, what there is once the copy has come to the time of this call.
 */
export const awaitedPart = async <Part>(
  held: Pick<HeldByTenant<Part>, "of" | "changed">,
  { asOf }: { readonly asOf: () => Promise<Date | undefined> },
  tenant: string,
  has: (part: Part) => boolean,
  now: () => Date,
): Promise<AwaitedPart<Part>> => {
  const asked = now();
  held.changed(tenant);
  const found = await awaitCopy(async () => {
    const part = await held.of(tenant);
    return has(part) ? { part } : undefined;
  }, heardWithinMs);
  if (found !== undefined) return { part: found.part, isWhole: true };
  const reached = await awaitCopy(async () => {
    const at = await asOf();
    return at !== undefined && at >= asked ? true : undefined;
  }, patienceMs);
  held.changed(tenant);
  return { part: await held.of(tenant), isWhole: reached === true };
};
