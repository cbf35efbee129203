import { boundedCache } from "@keynode/auth/bounded-cache";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Consistency } from "@keynode/grpc/host";
import type { Log } from "@keynode/messaging/host";
import { type Change, consistencyToken, readConsistencyToken } from "./token.ts";

/** How long a read waits for the copies it reads. */
const patienceMs = 2_000;
/** Left of the caller's deadline to read and answer in. */
const marginMs = 100;
/** Changes that are known to be in every copy. */
const rememberedChanges = 10_000;

/** A copy as far as readers wait for it. */
export type AwaitedCopy = {
  readonly contexts: readonly string[];
  caughtUp(within: { readonly context: string; readonly signal: AbortSignal }): Promise<void>;
};

/** Waits until the bus holds every event of one service's changes; false when the signal fires first. */
export type AwaitChanges = (
  service: string,
  tenant: string,
  changes: readonly Change[],
  signal: AbortSignal,
) => Promise<boolean>;

/**
 * What a write's answer says that it wrote, and how a read waits for it: first until the bus holds the change, then until
 * every copy here that consumes its service has handled what the bus held then. So an event that a copy does not take,
 * and one that became a dead letter, count as seen; a figure that is computed from events counts once it was. Records
 * of the service's own are read where they are written and need no wait.
 */
export const openConsistency = ({
  service,
  copies,
  awaitChanges,
  now,
  log,
}: {
  service: string;
  copies: readonly AwaitedCopy[];
  awaitChanges: AwaitChanges;
  now: () => Date;
  log: Log;
}): Consistency => {
  const seen = boundedCache<true>(rememberedChanges);
  const consumed = new Set(copies.flatMap(({ contexts }) => contexts));

  const awaitService = async (
    context: string,
    changes: readonly Change[],
    tenant: string,
    signal: AbortSignal,
  ): Promise<void> => {
    if (!(await awaitChanges(context, tenant, changes, signal))) throw new Error("not published in time");
    const reading = copies.filter(({ contexts }) => contexts.includes(context));
    await Promise.all(reading.map((copy) => copy.caughtUp({ context, signal })));
    for (const change of changes) seen.set(keyOf(tenant, change), true);
  };

  return {
    tokenOf: (written) => consistencyToken(service, written, now()),
    awaitToken: async (token: string, { tenant, deadline, signal }: Call): Promise<DomainError | undefined> => {
      const changes = readConsistencyToken(token);
      if (isDomainError(changes)) return changes;
      const unseen = changes.filter(
        (change) => consumed.has(change.service) && seen.get(keyOf(tenant, change)) === undefined,
      );
      if (unseen.length === 0) return undefined;
      const withinMs = Math.min(patienceMs, deadline.getTime() - now().getTime() - marginMs);
      if (withinMs <= 0) return reject("PROJECTION_LAGGING");
      const until = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
      const services = Map.groupBy(unseen, (change) => change.service);
      try {
        await Promise.all(services.entries().map(([context, those]) => awaitService(context, those, tenant, until)));
        return undefined;
      } catch (error) {
        log.info({ err: error, services: [...services.keys()] }, "a copy has not caught up with what its reader wrote");
        return reject("PROJECTION_LAGGING");
      }
    },
  };
};

const keyOf = (tenant: string, change: Change): string =>
  `${tenant}/${change.service}/${"id" in change ? `${change.id}:${change.version}` : change.committedBy.getTime()}`;
