import type { Aggregate, Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Alarm } from "@keynode/api/alarm";
import type { Typed } from "@keynode/decider/decider";
import type { ErrorTable } from "@keynode/decider/error-table";
import type { Implementation } from "@keynode/grpc/implement";
import type { SubscriptionOptions } from "@keynode/messaging/consumer";
import type { RowTypes } from "@keynode/messaging/generation";
import type { Host } from "@keynode/messaging/host";
import type { Journal } from "@keynode/messaging/journal";
import type { Projection, ProjectionDefinition } from "@keynode/messaging/projection";
import type { Logger } from "@keynode/telemetry/logger";
import type { Db } from "mongodb";
import type { z } from "zod";
import type { AccessLog } from "./access-log.ts";
import type { Peers } from "./peers.ts";
import type { ServiceVariables } from "./service-config.ts";

/** What a service is given to build itself from. */
export type ServiceTools = {
  readonly name: string;
  readonly db: Db;
  readonly journal: Journal;
  /** What somebody is shown that has to be on record. */
  readonly accesses: AccessLog;
  /** What any service has recorded, as this one may read it. */
  readonly peers: Pick<Peers, "journal" | "accesses" | "access" | "customValues">;
  readonly log: Logger;
  /** The only clock that stored dates come from. */
  readonly now: () => Date;
  /** Opens an aggregate of this service: its indexes are made, its events relayed. */
  store<State extends Resource, Command extends Typed, Event extends Typed, Context>(
    aggregate: Aggregate<State, Command, Event, Context>,
  ): Store<State, Command, Event, Context>;
  /** Declares a copy of others' data: kept by their events, rebuilt from their journals. Read it once the service runs. */
  projection<Rows extends RowTypes>(definition: ProjectionDefinition<Rows>): Copy<Rows>;
};

/** A projection as handlers and reactors read it. */
export type Copy<Rows extends RowTypes> = Pick<Projection<Rows>, "tables" | "asOf" | "status">;

/** A reaction to events: its name, their types by context, and what to do. */
export type Reactor = Pick<SubscriptionOptions, "name" | "from" | "handle">;

/** Work of a service's own that runs beside its calls, in every replica. */
export type Worker = (host: Host) => { stop(): Promise<void> };

/** What a service is made of. */
export type ServiceParts = {
  readonly implementations: readonly Implementation[];
  readonly reactors?: readonly Reactor[];
  /** Timers of the service's aggregates. */
  readonly alarms?: readonly Alarm[];
  readonly workers?: readonly Worker[];
  /** Runs once everything is connected and before the first call: default records, warm copies. */
  readonly prepare?: () => Promise<void>;
};

/** One service: its name, what it refuses with, and how it is put together. */
export type ServiceDefinition<Variables extends ServiceVariables = ServiceVariables> = {
  readonly name: string;
  readonly errors: ErrorTable;
  /** Its environment: `serviceVariables` with its own; only those when left out. */
  readonly schema?: z.ZodObject<Variables>;
  readonly build: (
    tools: ServiceTools,
    config: z.output<z.ZodObject<Variables>>,
  ) => ServiceParts | Promise<ServiceParts>;
};
