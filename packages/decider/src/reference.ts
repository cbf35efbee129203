import { type DomainError, reject } from "./domain-error.ts";

/**
 * What our copy says of another service's record that a command names. `UNSURE`: the copy does not have it and does
 * not follow its source at the moment, so that nothing follows from its silence.
 */
export type Reference = "KNOWN" | "MISSING" | "UNSURE";

/** Errors: `reason` for a record that is not there, PROJECTION_LAGGING for one that may be. */
export const refuseReference = (
  reference: Reference,
  reason: string,
  metadata: Readonly<Record<string, string>>,
): DomainError | undefined => {
  if (reference === "KNOWN") return undefined;
  return reference === "MISSING" ? reject(reason, metadata) : reject("PROJECTION_LAGGING");
};
