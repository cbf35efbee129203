import { timingSafeEqual } from "node:crypto";

/**
 * Whether two secrets, or what follows from secrets (digests, hashes, codes), are the same; never when one is missing.
 * Takes as long wherever they differ, so that nobody comes nearer to a secret by trying: the one comparison of such
 * values, which an architecture test holds. Lengths may be told: they are the same for all values of a kind.
 */
export const sameSecret = (kept: string | undefined, given: string | undefined): boolean => {
  if (kept === undefined || given === undefined) return false;
  const [left, right] = [Buffer.from(kept), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
};
