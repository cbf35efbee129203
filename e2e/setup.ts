import type { TestProject } from "vitest/node";
import { type Access, build, startStack } from "./stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    access: Access;
  }
}

/** Vitest's global setup: one installation for all journeys of a run; each journey uses names of its own. */
export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  await build();
  const { access, stop } = await startStack({
    // Entries of the audit trail are sealed within seconds instead of a minute.
    AUDIT_SEAL_MS: "1000",
    // All strangers of all journeys come from one address, and faster than one stranger may.
    RATE_LIMIT_ADDRESS_PER_S: "10000",
  });
  provide("access", access);
  return stop;
};
