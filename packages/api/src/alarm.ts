import type { Resource } from "@keynode/aggregate/aggregate";
import type { CommandScope } from "@keynode/aggregate/command-scope";
import type { ContextFor, Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import { isDomainError } from "@keynode/decider/domain-error";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Host } from "@keynode/messaging/host";
import { type TimerOptions, type Timers, startTimers } from "@keynode/messaging/timers";

/** How long the command of one timer may take. */
const deadlineMs = 20_000;

/** On whose behalf a service acts when the time of one of its records has come: its own. */
export const alarmScope = (service: string, tenant: string, now: Date): CommandScope => ({
  tenant,
  actor: `service:${service}`,
  visibility: { kind: "all" },
  deadline: new Date(now.getTime() + deadlineMs),
});

/** Starts the timers of one aggregate under a service's name. */
export type Alarm = (service: string, host: Host) => Promise<Timers>;

/**
 * Law 9. Runs `command` on each record whose `wakeAt` has come, as the service itself. The command must be quiet when
 * there is nothing left to do, and leave the next `wakeAt`, or none, behind.
 */
export const onWake =
  <State extends Resource, Command extends Typed, Event extends Typed, Context>(
    store: Store<State, Command, Event, Context>,
    command: Command,
    context: ContextFor<State, Context, Command>,
    options: Pick<TimerOptions<AggregateDocument<State>>, "pollMs"> = {},
  ): Alarm =>
  (service, host) =>
    startTimers<AggregateDocument<State>>({
      collection: store.collection,
      host,
      ...options,
      fire: async ({ _id, tenant }) => {
        const outcome = await store.execute(_id, command, alarmScope(service, tenant, host.now()), context);
        if (isDomainError(outcome)) throw new Error(`${command.type} of ${_id} was refused: ${outcome.reason}`);
      },
    });
