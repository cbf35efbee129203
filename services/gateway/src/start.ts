import { readFileSync } from "node:fs";
import { registry as contractRegistry } from "@keynode/contracts/descriptors";
import { eventTypes } from "@keynode/contracts/events";
import { examples } from "@keynode/contracts/examples";
import { createMinter } from "@keynode/auth/minter";
import { accessLogger } from "@keynode/telemetry/access-logger";
import { type Logger, logger } from "@keynode/telemetry/logger";
import { startTelemetry } from "@keynode/telemetry/start-telemetry";
import type { FileRegistry } from "@bufbuild/protobuf";
import { asyncApiDocument } from "./asyncapi/document.ts";
import { eventsPage } from "./asyncapi/events-page.ts";
import { createAccessLog } from "./access-log.ts";
import { createApi } from "./api.ts";
import { createApp } from "./app.ts";
import { createAdmission } from "./auth/admission.ts";
import { type Authenticate, createAuthenticator } from "./auth/authenticator.ts";
import { identityAuthenticate } from "./auth/identity.ts";
import { createSignOnRoutes } from "./auth/sign-on-routes.ts";
import { createRateLimiter, type Rate } from "./auth/rate-limiter.ts";
import type { GatewayConfig } from "./config.ts";
import { createCors } from "./cors.ts";
import { startHttpServer } from "./http-server.ts";
import type { CustomValuesSchema } from "./openapi/custom-values.ts";
import { openApiDocument } from "./openapi/document.ts";
import { createTenantDocument } from "./openapi/tenant-document.ts";
import { TENANT_DOCUMENT_PATH } from "./openapi/tenant-document-operation.ts";
import { createMcp } from "./mcp/create-mcp.ts";
import { createProtectedResourceRoutes, MCP_PATH } from "./mcp/protected-resource.ts";
import { createPages } from "./pages.ts";
import { contractProfile, createProfileEndpoint } from "./profile.ts";
import { createEndpoint, type Endpoint } from "./transcoder/endpoint.ts";
import { createJsonCodec } from "./transcoder/json-codec.ts";
import { createOpenStreams } from "./transcoder/open-streams.ts";
import { pathDialects } from "./transcoder/path-dialect.ts";
import { parsePathTemplate } from "./transcoder/path-template.ts";
import { createRouteTrie } from "./transcoder/route-trie.ts";
import { createMergedStream } from "./transcoder/merged-stream.ts";
import { contractCollections, contractRoutes, contractServices, EVERY_SERVICE } from "./transcoder/routes.ts";
import { createInvoker } from "./upstream/invoker.ts";
import { createUpstreams } from "./upstream/upstreams.ts";

/** A running gateway. */
export type Gateway = {
  readonly port: number;
  /** Takes no new requests, lets those in flight finish within the drain time, then closes everything. */
  readonly close: () => Promise<void>;
};

/** What a test, or an embedding process, brings along instead of the real thing. */
export type Substitutes = {
  readonly registry?: FileRegistry;
  readonly authenticate?: Authenticate;
  readonly log?: Logger;
};

const { version: VERSION } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Remembered callers, tenants and addresses; the one unused for longest is forgotten first. */
const MAX_BUCKETS = 100_000;
/** Checking a credential may take this part of a call's time. */
const AUTHENTICATE_DEADLINE_MS = 2_000;

/** Starts the gateway. It needs no service to be there: one that is down takes only its own routes with it. */
export const start = async (config: GatewayConfig, substitutes: Substitutes = {}): Promise<Gateway> => {
  const log = substitutes.log ?? logger({ name: "gateway", level: config.LOG_LEVEL });
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol, INTERNAL_KEY: key } = config;
  const telemetry = await startTelemetry({
    serviceName: "gateway",
    log,
    otlp: endpoint === undefined ? undefined : { endpoint, protocol },
  });
  const registry = substitutes.registry ?? contractRegistry();

  const upstreams = createUpstreams({
    addressOf: (service) => config.UPSTREAMS[service] ?? config.UPSTREAM_TEMPLATE.replace("{service}", service),
    connectWaitMs: config.CONNECT_WAIT_MS,
  });
  const mintOwn = createMinter({ issuer: "service:gateway", privateJwk: key, keyId: key.kid });
  const authenticate =
    substitutes.authenticate ??
    identityAuthenticate({
      channel: upstreams.channel("identity"),
      mint: mintOwn,
      issuer: config.TOKEN_ISSUER,
      deadlineMs: Math.min(AUTHENTICATE_DEADLINE_MS, config.DEADLINE_MS),
      log,
    });
  const authenticator = createAuthenticator({
    authenticate,
    ttlMs: config.CREDENTIAL_TTL_MS,
    outageMs: config.CREDENTIAL_OUTAGE_MS,
    maxEntries: config.CREDENTIAL_CACHE_SIZE,
  });
  const limiter = createRateLimiter({
    rates: {
      key: rate(config.RATE_LIMIT_KEY_PER_S / config.RATE_LIMIT_REPLICAS),
      tenant: rate(config.RATE_LIMIT_TENANT_PER_S / config.RATE_LIMIT_REPLICAS),
      address: rate(config.RATE_LIMIT_ADDRESS_PER_S / config.RATE_LIMIT_REPLICAS),
    },
    maxBuckets: MAX_BUCKETS,
  });
  const rateLimits = limiter.policies(["key", "tenant"]);
  const cors = createCors(config.CORS_ORIGINS);
  const streams = createOpenStreams({ perCaller: config.STREAMS_PER_CALLER, perTenant: config.STREAMS_PER_TENANT });
  const tools = {
    codec: createJsonCodec(registry),
    admit: createAdmission({ authenticator, limiter, cors }),
    invoker: createInvoker({
      upstreams,
      mint: createMinter({ issuer: "gateway", privateJwk: key, keyId: key.kid }),
      authenticator,
      log,
    }),
    services: contractServices(registry),
    collections: contractCollections(registry),
    deadlineMs: config.DEADLINE_MS,
    streamLimitMs: config.STREAM_LIMIT_MS,
    streams,
  };
  const routes = contractRoutes(registry);
  const trie = createRouteTrie<Endpoint>();
  // Events of the chassis, shares, are told by no service of that name.
  const contexts = new Set(eventTypes(registry).map(({ context }) => context));
  const parts = [...contexts].filter((context) => tools.services.has(context));
  for (const route of routes) {
    const endpoint =
      route.service === EVERY_SERVICE ? createMergedStream(route, parts, tools) : createEndpoint(route, tools);
    trie.add(route.verb, route.template, endpoint);
  }
  const profile = contractProfile(routes);
  if (profile) trie.add("GET", profile.template, createProfileEndpoint(profile, tools));

  const { admit, deadlineMs } = tools;
  const signOn = createSignOnRoutes({ channel: upstreams.channel("identity"), mint: mintOwn, admit, deadlineMs });
  for (const { template, endpoint } of signOn) trie.add("GET", template, endpoint);

  if (config.MCP_MODE !== "off") {
    const endpoint = createMcp({
      registry,
      routes,
      profile,
      tools,
      cors,
      mode: config.MCP_MODE,
      secret: key.d,
      version: VERSION,
      log,
    });
    trie.add("POST", parsePathTemplate(MCP_PATH), endpoint);
    for (const { template, endpoint: metadata } of createProtectedResourceRoutes(admit)) {
      trie.add("GET", template, metadata);
    }
  }

  const document = (customValues?: CustomValuesSchema) =>
    openApiDocument({
      registry,
      routes,
      profile,
      version: VERSION,
      rateLimits,
      examples: examples(),
      ...(customValues && { customValues }),
    });
  const ofTenant = createTenantDocument({ routes, tools, document });
  if (ofTenant) trie.add("GET", parsePathTemplate(TENANT_DOCUMENT_PATH), ofTenant);

  const access = config.ACCESS_LOG ? accessLogger({ name: "gateway", level: config.LOG_LEVEL }) : undefined;
  let isReady = false;
  const app = createApp({
    api: createApi(trie, pathDialects(routes), cors, log, access && createAccessLog(access)),
    pages: createPages(
      {
        openApi: () => document(),
        asyncApi: () => asyncApiDocument(registry, VERSION),
        eventsPage: (locale) => eventsPage(registry, locale),
      },
      cors,
    ),
    cors,
    trustedProxies: config.TRUSTED_PROXIES,
    isReady: () => isReady,
    log,
  });
  const server = await startHttpServer(app, config.HTTP_HOST, config.HTTP_PORT);
  isReady = true;
  log.info({ port: server.port, routes: routes.length }, "ready");

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    isReady = false;
    streams.stopAll();
    await server.drain(config.DRAIN_MS);
    upstreams.close();
    await telemetry.shutdown();
    log.info("stopped");
    access?.flush();
  };
  return { port: server.port, close: () => (closed ??= close()) };
};

/** Twice the rate at once, and at least one request. */
const rate = (perS: number): Rate => ({ perS, burst: Math.max(1, Math.round(perS * 2)) });
