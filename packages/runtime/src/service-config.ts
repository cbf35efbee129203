import { type Environment, loadConfig } from "@keynode/config/load-config";
import {
  connectionString,
  durationMs,
  int,
  jsonValue,
  oneOf,
  port,
  secret,
  text,
  upstreams,
} from "@keynode/config/variables";
import { z } from "zod";

const jwk = z.looseObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), kid: z.string(), x: z.string() });

/** The environment that every service reads; a service adds its own variables to it. */
export const serviceVariables = {
  /** Address that the gRPC server listens on. */
  GRPC_HOST: text().default("127.0.0.1"),
  GRPC_PORT: port(),
  /** The service's own database; no other service has its credentials. */
  MONGODB_URI: connectionString("mongodb", "mongodb+srv"),
  MONGODB_DATABASE: text(),
  MONGODB_POOL_SIZE: int({ min: 1, max: 1_000 }).default(20),
  NATS_URL: connectionString("nats", "tls"),
  NATS_USER: text().optional(),
  NATS_PASSWORD: secret(text()).optional(),
  /** Copies that the broker keeps of this service's stream. */
  NATS_REPLICAS: int({ min: 1, max: 5 }).default(1),
  /** Ed25519 private key (JWK, RFC 8037) that signs what this service asks of others. */
  INTERNAL_KEY: secret(jsonValue(jwk.extend({ d: z.string() }))),
  /** Public keys that this service believes, by issuer. */
  TRUSTED_KEYS: jsonValue(z.record(z.string(), z.array(jwk))),
  /**
   * Where the other services listen: `lead=host:port`, calls being spread over all addresses that DNS has for the name (a headless
   * service), or, where no name stands for them, `lead=10.0.0.1:50051|10.0.0.2:50051`.
   */
  UPSTREAMS: upstreams().default({}),
  /** Where services listen that `UPSTREAMS` does not name. */
  UPSTREAM_TEMPLATE: text().default("dns:///{service}:50051"),
  /** How late a service may be with looking again for records of users who left. */
  HANDOVER_POLL_MS: durationMs({ min: 10, max: 3_600_000 }).default(15_000),
  /** How long a stopping service lets calls in flight finish. */
  DRAIN_MS: durationMs({ max: 300_000 }).default(10_000),
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent").default("info"),
  /** Where traces and metrics go (OTLP over HTTP); without it none are recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: connectionString("http", "https").optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf("http/protobuf", "http/json").default("http/protobuf"),
} as const;

export type ServiceVariables = typeof serviceVariables;

export const serviceSchema = z.object(serviceVariables);

/** The configuration of a service; `Variables` has its own among them. */
export type ServiceConfig<Variables extends ServiceVariables = ServiceVariables> = z.output<typeof serviceSchema> &
  z.output<z.ZodObject<Variables>>;

/** The schema of a service's environment. */
export const schemaOf = <Variables extends ServiceVariables>(definition: {
  readonly schema?: z.ZodObject<Variables>;
}): z.ZodObject<Variables> =>
  // A definition without a schema was typed by its default: the variables of every service.
  definition.schema ?? (serviceSchema as z.ZodObject as z.ZodObject<Variables>);

/** Reads a service's environment. Throws ConfigError naming every bad variable. */
export const loadServiceConfig = <Variables extends ServiceVariables>(
  definition: { readonly schema?: z.ZodObject<Variables> },
  env?: Environment,
): ServiceConfig<Variables> => loadConfig(schemaOf(definition), env) as ServiceConfig<Variables>;
