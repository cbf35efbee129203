import type { CommandScope } from "@keynode/aggregate/command-scope";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import { Transient } from "@keynode/messaging/fault";
import type { Log } from "@keynode/messaging/host";
import type { Recorded } from "@keynode/messaging/recorded";

/** How long one reaction may take before the event is delivered again. */
const reactionDeadlineMs = 20_000;

/** Refusals that say nothing about the event: the store or the record is busy or away. */
export const outages: ReadonlySet<string> = new Set([
  "CONFLICT",
  "OUTBOX_FULL",
  "DEADLINE_EXCEEDED",
  "STORE_UNAVAILABLE",
]);

/** The record that an event is about is not there yet; events of two records come in any order. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}

/**
 * On whose behalf a service reacts to another's event: its own, never the person's who caused it (law 8). It carries no
 * idempotency key: a reaction is idempotent by state.
 */
export const reactionScope = (service: string, event: Pick<Recorded, "id" | "tenant">, now: Date): CommandScope => ({
  tenant: event.tenant,
  actor: `service:${service}`,
  visibility: { kind: "all" },
  deadline: new Date(now.getTime() + reactionDeadlineMs),
  causedBy: event.id,
});

/**
 * Ends a reaction: what may pass is thrown, so that the event is delivered again; a refusal that will stay is noted
 * (`ALREADY_EXISTS`: done before). Answers the outcome unless it was a refusal.
 */
export const settled = <Outcome>(
  outcome: Outcome | DomainError,
  event: Pick<Recorded, "id" | "type" | "recordId">,
  log: Log,
): Outcome | undefined => {
  if (!isDomainError(outcome)) return outcome;
  const { reason } = outcome;
  if (outages.has(reason)) throw new Transient(reason);
  if (reason === "NOT_FOUND") throw new NotYet(`${event.type} ${event.id} needs a record that is not there`);
  if (reason !== "ALREADY_EXISTS") {
    log.warn({ reason, event: event.id, type: event.type, record: event.recordId }, "reaction refused");
  }
  return undefined;
};
