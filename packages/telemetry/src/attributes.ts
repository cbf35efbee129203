/**
 * Every attribute name in our spans and metrics, declared once: OpenTelemetry semantic conventions
 * 1.45 where they have one (messaging is still in development there), ours under `crm.`.
 * None may hold personal data.
 */
export const attribute = {
  errorType: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",

  rpcSystem: "rpc.system.name",
  rpcMethod: "rpc.method",
  rpcStatusCode: "rpc.status_code",

  httpMethod: "http.request.method",
  httpRoute: "http.route",
  httpStatusCode: "http.response.status_code",

  dbSystem: "db.system.name",
  dbNamespace: "db.namespace",
  dbCollection: "db.collection.name",
  dbOperation: "db.operation.name",
  dbBatchSize: "db.operation.batch.size",

  messagingSystem: "messaging.system",
  messagingDestination: "messaging.destination.name",
  messagingDestinationTemplate: "messaging.destination.template",
  messagingOperationName: "messaging.operation.name",
  messagingOperationType: "messaging.operation.type",
  messagingMessageId: "messaging.message.id",
  messagingConsumerGroup: "messaging.consumer.group.name",
  messagingBatchSize: "messaging.batch.message_count",

  /** Tenant id. */
  tenant: "crm.tenant",
  /** `user_…`, `apikey_…` or `service:<name>`. */
  actor: "crm.actor",
  /** Why a call was refused: a key of an error table. */
  reason: "crm.reason",
  /** Aggregate kind, for example `lead`. */
  aggregateKind: "crm.aggregate.kind",
  /** Id of the record. */
  aggregateId: "crm.aggregate.id",
  /** Version of the record after the commit. */
  aggregateVersion: "crm.aggregate.version",
  /** Short name of the command. */
  command: "crm.command",
  /** Short name of the event. */
  event: "crm.event",
  /** How often a command was tried before it was committed. */
  attempts: "crm.attempts",
} as const;

/** Values of `rpc.system.name`, `db.system.name` and `messaging.system` that we use. */
export const system = { grpc: "grpc", mongodb: "mongodb", nats: "nats" } as const;

/** Metric names, each with its unit in the instrument. */
export const metric = {
  rpcServerDuration: "rpc.server.call.duration",
  rpcClientDuration: "rpc.client.call.duration",
  httpServerDuration: "http.server.request.duration",

  relayQueued: "crm.relay.queued",
  relayLag: "crm.relay.lag",
  relayEvents: "crm.relay.events",
  relayFaults: "crm.relay.faults",
  relayOverflows: "crm.relay.overflows",
  relayStopped: "crm.relay.stopped",
} as const;
