import { defaultIssuer } from "@keynode/auth/access-token";
import {
  bool,
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
import { origins } from "./origins.ts";

const privateJwk = z.looseObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  kid: z.string(),
  x: z.string(),
  d: z.string(),
});

/** The gateway's environment. */
export const gatewayVariables = {
  HTTP_HOST: text().default("127.0.0.1"),
  HTTP_PORT: port(),
  /** Number of proxies in front whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: int({ min: 0, max: 10 }).default(0),
  /** Ed25519 private key (JWK, RFC 8037) that signs internal tokens, as `gateway` and as `service:gateway`. */
  INTERNAL_KEY: secret(jsonValue(privateJwk)),
  /** Who access tokens must be from; the identity service says the same. */
  TOKEN_ISSUER: text().default(defaultIssuer),
  /**
   * Where services listen: `lead=host:port`, calls being spread over all addresses that DNS has for the name (a headless
   * service), or, where no name stands for them, `lead=10.0.0.1:50051|10.0.0.2:50051`.
   */
  UPSTREAMS: upstreams().default({}),
  /** Where services listen that `UPSTREAMS` does not name. */
  UPSTREAM_TEMPLATE: text().default("dns:///{service}:50051"),
  /** How long a call waits for a connection before its service counts as down. */
  CONNECT_WAIT_MS: durationMs({ min: 10, max: 10_000 }).default(1_000),
  /** The longest that a call may take. */
  DEADLINE_MS: durationMs({ min: 100, max: 60_000 }).default(10_000),
  /** The longest that a stream may last; its client comes back, and its rights are looked at anew. */
  STREAM_LIMIT_MS: durationMs({ min: 1_000, max: 3_600_000 }).default(300_000),
  /** Streams that one user or API key may read at the same time. */
  STREAMS_PER_CALLER: int({ min: 1, max: 10_000 }).default(20),
  /** Streams that all callers of one tenant may read at once. */
  STREAMS_PER_TENANT: int({ min: 1, max: 100_000 }).default(200),
  /** How long a checked credential is believed, which is also how long a revoked one may go on. */
  CREDENTIAL_TTL_MS: durationMs({ max: 60_000 }).default(5_000),
  /** How long after its last check a credential is believed while identity is away, which then can revoke none. */
  CREDENTIAL_OUTAGE_MS: durationMs({ max: 600_000 }).default(60_000),
  CREDENTIAL_CACHE_SIZE: int({ min: 1, max: 1_000_000 }).default(10_000),
  /** Requests a second of one user or API key; twice as many at once after a rest. */
  RATE_LIMIT_KEY_PER_S: int({ min: 1, max: 1_000_000 }).default(2_000),
  /** Requests a second of all callers of one tenant. */
  RATE_LIMIT_TENANT_PER_S: int({ min: 1, max: 1_000_000 }).default(10_000),
  /** Requests a second of one address: to public methods, and with credentials that must be checked. */
  RATE_LIMIT_ADDRESS_PER_S: int({ min: 1, max: 1_000_000 }).default(100),
  /** Gateways that share the traffic: each allows its part of the rates. */
  RATE_LIMIT_REPLICAS: int({ min: 1, max: 1_000 }).default(1),
  /**
   * Origins whose pages may call the API (CORS), separated by commas; one behind `<tenant id>=` may call it for that
   * tenant only. None by default.
   */
  CORS_ORIGINS: origins().default([]),
  /** What agents may do at `/mcp` (Model Context Protocol), whatever their keys let them: all, only read, or nothing. */
  MCP_MODE: oneOf("write", "read", "off").default("write"),
  /** How long a stopping gateway lets requests in flight finish. */
  DRAIN_MS: durationMs({ max: 300_000 }).default(10_000),
  /** One line for each request. */
  ACCESS_LOG: bool().default(true),
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent").default("info"),
  /** Where traces and metrics go (OTLP over HTTP); without it none are recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: connectionString("http", "https").optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf("http/protobuf", "http/json").default("http/protobuf"),
} as const;

export const gatewaySchema = z.object(gatewayVariables);

export type GatewayConfig = z.output<typeof gatewaySchema>;
