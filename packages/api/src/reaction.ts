import type { CommandScope } from "@keynode/aggregate/command-scope";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { Log } from "@keynode/messaging/host";
import type { Recorded } from "@keynode/messaging/recorded";

/** How long one reaction may take before the event is delivered again. */
const reactionDeadlineMs = 20_000;

/** Refusals that another attempt may not meet; NOT_FOUND among them, since events of two records come in any order. */
const passing: ReadonlySet<string> = new Set([
  "NOT_FOUND",
  "CONFLICT",
  "OUTBOX_FULL",
  "DEADLINE_EXCEEDED",
  "STORE_UNAVAILABLE",
]);

/** A refusal that may pass: thrown so that the event is delivered again. */
export class PassingRefusal extends Error {
  constructor({ reason }: DomainError) {
    super(`refused for now: ${reason}`);
  }
}

/**
 * On whose behalf a service reacts to another's event: its own, never the person's who caused it (law 8). It carries no
 * idempotency key: a reaction is idempotent by state.
 */
export const reactionScope = (service: string, event: Recorded, now: Date): CommandScope => ({
  tenant: event.tenant,
  actor: `service:${service}`,
  visibility: { kind: "all" },
  deadline: new Date(now.getTime() + reactionDeadlineMs),
  causedBy: event.id,
});

/**
 * Ends a reaction: a refusal that may pass is thrown, one that will not (`ALREADY_EXISTS`: done before) is noted. Answers
 * the outcome unless it was a refusal.
 */
export const settled = <Outcome>(outcome: Outcome | DomainError, event: Recorded, log: Log): Outcome | undefined => {
  if (!isDomainError(outcome)) return outcome;
  if (passing.has(outcome.reason)) throw new PassingRefusal(outcome);
  if (outcome.reason !== "ALREADY_EXISTS") {
    log.warn({ reason: outcome.reason, event: event.id, type: event.type, record: event.recordId }, "reaction refused");
  }
  return undefined;
};
