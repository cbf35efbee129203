import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { claimFolder, privateFolder } from "@keynode/engines/data-folder";
import { holds } from "@keynode/engines/poll";
import { type Engines, resolveEngines } from "@keynode/engines/resolve";
import { busUser } from "./bus-rights.ts";
import { PRELOADED, SERVICE_ENVIRONMENT, SERVICE_OPTIONS } from "./footprint.ts";
import { isHealthy, isServing } from "./health.ts";
import { choosePorts, FIRST_HTTP_PORT, type Ports } from "./ports.ts";
import { type Instance, instancesOf, type Replicas } from "./replicas.ts";
import { openSecrets, type Secrets, writePrivate } from "./secrets.ts";
import { addressOf, seedVariables, serviceEnvironment, type TrustedKeys } from "./service-environment.ts";
import { GATEWAY, type Service } from "./services.ts";
import type { Settings } from "./settings.ts";
import { type Supervised, supervise } from "./supervisor.ts";

const READY_TIMEOUT_MS = 120_000;
/** The demo tenant's second user; loading the demo makes it. */
const MARKETING_EMAIL = "marketing@demo.example";

/** A running installation on this machine. */
export type Keynode = {
  readonly baseUrl: string;
  /** JSON with baseUrl, tenant, apiKey, and each user's e-mail address and password; only its owner reads it. */
  readonly credentialsFile: string;
  /** By the service's name; further replicas as `lead#2`. */
  readonly services: ReadonlyMap<string, Supervised>;
  readonly engines: Engines;
  /** Where each service listens; the gateway's is of HTTP, the others' of gRPC. */
  readonly ports: Ports;
  /** Services first, which drain, then the engines. */
  readonly stop: () => Promise<void>;
};

const writeCredentials = (file: string, baseUrl: string, secrets: Secrets): void => {
  const seed = seedVariables(secrets);
  writePrivate(file, {
    baseUrl,
    tenant: seed.SEED_TENANT,
    adminEmail: seed.SEED_ADMIN_EMAIL,
    adminPassword: seed.SEED_ADMIN_PASSWORD,
    apiKey: seed.SEED_API_KEY,
    marketingEmail: MARKETING_EMAIL,
    marketingPassword: secrets.marketingPassword,
  });
};

/** An address that listens everywhere is no address to call. */
const reachable = (host: string): string => {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host.includes(":") ? `[${host === "::" ? "::1" : host}]` : host;
};

type Launch = {
  readonly services: readonly Service[];
  readonly settings: Settings;
  readonly log: (line: string) => void;
  /** The home folder is removed after use: its data need not survive the machine's sudden end. */
  readonly temporary?: boolean;
  /** What services inherit; the settings and what they need of each other come on top. Default: this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly trusted?: TrustedKeys;
  /** Services that run in more than one process. */
  readonly replicas?: Replicas;
};

/**
 * Starts engines and every service that is built, and answers when all that can serve do. A service that is not built or
 * does not come up is named in the log; the others run without it. Throws when the home folder is in use.
 */
export const startKeynode = async (launch: Launch): Promise<Keynode> => {
  const { settings, log } = launch;
  const closing: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  };
  try {
    const { release } = claimFolder(settings.home);
    closing.push(release);
    const names = launch.services.map(({ name }) => name);
    const secrets = await openSecrets(path.join(settings.home, "secrets.json"), names);
    const engines = await startEngines(names, secrets, launch);
    closing.push(engines.stop);
    const instances = instancesOf(launch.services, launch.replicas ?? {});
    const wanted = instances.map(({ name }) => name);
    const ports = await choosePorts(path.join(settings.home, "ports.json"), wanted, settings.httpPort);
    if (settings.httpPort === undefined && names.includes(GATEWAY) && ports[GATEWAY] !== FIRST_HTTP_PORT) {
      log(`port ${FIRST_HTTP_PORT} was taken, so the gateway has ${ports[GATEWAY]}; KEYNODE_HTTP_PORT chooses another`);
    }
    const baseUrl = `http://${reachable(settings.httpHost)}:${ports[GATEWAY]}`;
    const credentialsFile = path.join(settings.home, "credentials.json");
    writeCredentials(credentialsFile, baseUrl, secrets);

    const services = startServices(launch, { instances, ports, secrets, engines });
    closing.push(() => Promise.all([...services.values()].map((service) => service.stop())));
    await Promise.all(
      [...services.values()].map((service) =>
        untilReady(service, {
          log,
          ask: () => (service.name === GATEWAY ? isHealthy(baseUrl) : isServing(addressOf(service.name, ports))),
        }),
      ),
    );
    return { baseUrl, credentialsFile, services, engines, ports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const startEngines = (
  services: readonly string[],
  secrets: Secrets,
  { settings: { home, mongodbPort, natsPort }, log, temporary = false }: Launch,
): Promise<Engines> =>
  resolveEngines({
    dataDir: path.join(home, "data"),
    log,
    temporary,
    keepAlive: true,
    ...(mongodbPort === undefined ? {} : { mongo: { port: mongodbPort } }),
    nats: {
      ...(natsPort === undefined ? {} : { port: natsPort }),
      users: services.filter((name) => name !== GATEWAY).map((name) => busUser(name, secrets.bus[name] ?? "")),
    },
  });

const { resolve } = createRequire(import.meta.url);

/** Found from here, since a service's folder may lie anywhere; built, as the service itself is. */
const preload = (module: string): string => `--import=${pathToFileURL(resolve(module)).href}`;

/** All at once: each waits for what it needs by itself, and the gateway serves whatever is up. */
const startServices = (
  { services, settings, log, environment = process.env, trusted = {} }: Launch,
  {
    instances,
    ports,
    secrets,
    engines,
  }: { instances: readonly Instance[]; ports: Ports; secrets: Secrets; engines: Engines },
): ReadonlyMap<string, Supervised> => {
  const logFolder = privateFolder(path.join(settings.home, "log"));
  const names = services.map(({ name }) => name);
  const started = new Map<string, Supervised>();
  for (const { name, service } of instances) {
    if (!service.built) {
      log(`${name}: is left out, there is no ${service.main}`);
      continue;
    }
    const supervised = supervise(
      {
        name,
        args: [...SERVICE_OPTIONS, ...PRELOADED.map(preload), service.main],
        env: {
          ...SERVICE_ENVIRONMENT,
          ...serviceEnvironment(service, {
            instance: name,
            services: names,
            ports,
            secrets,
            engines,
            settings,
            environment,
            trusted,
          }),
        },
        cwd: service.folder,
        logFile: path.join(logFolder, `${name}.log`),
      },
      { log },
    );
    void supervised.over.then((reason) => reason !== undefined && log(reason));
    started.set(name, supervised);
  }
  return started;
};

/** Waits until a service serves, or is given up, or has taken too long, which is logged. */
const untilReady = async (
  service: Supervised,
  { ask, log }: { ask: () => Promise<boolean>; log: (line: string) => void },
): Promise<void> => {
  let over = false;
  void service.over.then(() => {
    over = true;
  });
  const settled = await holds(async () => over || (await ask()), { timeoutMs: READY_TIMEOUT_MS, everyMs: 50 });
  if (!settled) log(`${service.name}: is not ready after ${READY_TIMEOUT_MS / 1000} s; it goes on trying`);
};
