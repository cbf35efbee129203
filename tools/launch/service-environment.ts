import type { Engines } from "@keynode/engines/resolve";
import type { Ports } from "./ports.ts";
import { portsOf } from "./replicas.ts";
import type { Secrets } from "./secrets.ts";
import { GATEWAY, type Service } from "./services.ts";
import type { Settings } from "./settings.ts";

const HOST = "127.0.0.1";

/** The demo tenant that the first start makes. */
export type SeedVariables = {
  readonly SEED_TENANT: string;
  readonly SEED_ADMIN_EMAIL: string;
  readonly SEED_ADMIN_PASSWORD: string;
  readonly SEED_API_KEY: string;
};

export const seedVariables = ({ adminPassword, apiKey }: Secrets): SeedVariables => ({
  SEED_TENANT: "demo",
  SEED_ADMIN_EMAIL: "admin@demo.example",
  SEED_ADMIN_PASSWORD: adminPassword,
  SEED_API_KEY: apiKey,
});

/** Public keys (JWK) of operators' tools that every service believes, by the issuer they speak as: `service:platform`. */
export type TrustedKeys = Readonly<Record<string, object>>;

/** Where a service's gRPC server listens. */
export const addressOf = (service: string, ports: Ports): string => `${HOST}:${ports[service]}`;

/** The names by which a service signs what it asks of others; the gateway speaks for callers too. */
const issuersOf = (service: string): string[] =>
  service === GATEWAY ? [GATEWAY, `service:${GATEWAY}`] : [`service:${service}`];

const inherited = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !/^(npm_|KEYNODE_|NODE_CHANNEL_)/i.test(entry[0]),
    ),
  );

/** The same of all its replicas, as `UPSTREAMS` has them. */
const addressesOf = (service: string, ports: Ports): string =>
  portsOf(service, ports)
    .map((port) => `${HOST}:${port}`)
    .join("|");

/** The environment of one process of a service: its own secrets, the others' public keys and addresses. */
export const serviceEnvironment = (
  { name, wants }: Service,
  {
    instance = name,
    services,
    ports,
    secrets,
    engines,
    settings,
    environment = process.env,
    trusted = {},
  }: {
    /** Which of the service's processes; by default its first. */
    instance?: string;
    services: readonly string[];
    ports: Ports;
    secrets: Secrets;
    engines: Engines;
    settings: Settings;
    environment?: NodeJS.ProcessEnv;
    trusted?: TrustedKeys;
  },
): Record<string, string> => {
  const upstreams = services.filter((service) => service !== GATEWAY && service !== name);
  const trustedKeys = {
    ...Object.fromEntries(
      services.flatMap((service) =>
        issuersOf(service).map((issuer) => [issuer, [secrets.keys[service]?.publicJwk]] as const),
      ),
    ),
    ...Object.fromEntries(Object.entries(trusted).map(([issuer, key]) => [issuer, [key]])),
  };
  const asked = Object.entries({
    ...seedVariables(secrets),
    SECRETS_KEYS: secrets.identity,
    PUBLIC_URL: environment["PUBLIC_URL"] ?? `http://localhost:${ports[GATEWAY]}`,
  });
  const bus = engines.nats.kind === "NATS_URL" ? {} : { NATS_USER: name, NATS_PASSWORD: secrets.bus[name] ?? "" };
  const network =
    name === GATEWAY
      ? { HTTP_HOST: settings.httpHost, HTTP_PORT: String(ports[name]) }
      : { GRPC_HOST: HOST, GRPC_PORT: String(ports[instance]) };
  return {
    NODE_ENV: "production",
    ...inherited(environment),
    SERVICE_NAME: name,
    ...network,
    MONGODB_URI: engines.mongo.url,
    MONGODB_DATABASE: `keynode_${name}`,
    NATS_URL: engines.nats.url,
    ...bus,
    INTERNAL_KEY: JSON.stringify(secrets.keys[name]?.privateJwk),
    TRUSTED_KEYS: JSON.stringify(trustedKeys),
    UPSTREAMS: upstreams.map((service) => `${service}=${addressesOf(service, ports)}`).join(","),
    LOG_LEVEL: settings.logLevel,
    ...Object.fromEntries(asked.filter(([variable]) => wants.includes(variable))),
  };
};
