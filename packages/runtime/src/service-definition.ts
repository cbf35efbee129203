import type { Aggregate, Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Typed } from "@keynode/decider/decider";
import type { ErrorTable } from "@keynode/decider/error-table";
import type { Implementation } from "@keynode/grpc/implement";
import type { SubscriptionOptions } from "@keynode/messaging/consumer";
import type { Journal } from "@keynode/messaging/journal";
import type { Logger } from "@keynode/telemetry/logger";
import type { Db } from "mongodb";

/** What a service is given to build itself from. */
export type ServiceTools = {
  readonly name: string;
  readonly db: Db;
  readonly journal: Journal;
  readonly log: Logger;
  /** The only clock that stored dates come from. */
  readonly now: () => Date;
  /** Opens an aggregate of this service: its indexes are made, its events relayed. */
  store<State extends Resource, Command extends Typed, Event extends Typed, Context>(
    aggregate: Aggregate<State, Command, Event, Context>,
  ): Store<State, Command, Event, Context>;
};

/** A reaction to events: its name, their types by context, and what to do. */
export type Reactor = Pick<SubscriptionOptions, "name" | "from" | "handle">;

/** What a service is made of. */
export type ServiceParts = {
  readonly implementations: readonly Implementation[];
  readonly reactors?: readonly Reactor[];
  /** Runs once everything is connected and before the first call: default records, warm copies. */
  readonly prepare?: () => Promise<void>;
};

/** One service: its name, what it refuses with, and how it is put together. */
export type ServiceDefinition = {
  readonly name: string;
  readonly errors: ErrorTable;
  readonly build: (tools: ServiceTools) => ServiceParts | Promise<ServiceParts>;
};
