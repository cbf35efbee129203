import { mkdirSync } from "node:fs";
import path from "node:path";
import { holds } from "@keynode/engines/poll";
import { type Engines, resolveEngines } from "@keynode/engines/resolve";
import { busUser } from "./bus-rights.ts";
import { isHealthy, isServing } from "./health.ts";
import { choosePorts, type Ports } from "./ports.ts";
import { openSecrets, type Secrets, writePrivate } from "./secrets.ts";
import { addressOf, seedVariables, serviceEnvironment } from "./service-environment.ts";
import { GATEWAY, type Service } from "./services.ts";
import type { Settings } from "./settings.ts";
import { type Supervised, supervise } from "./supervisor.ts";

const READY_TIMEOUT_MS = 120_000;

/** A running installation on this machine. */
export type Keynode = {
  readonly baseUrl: string;
  /** JSON with baseUrl, tenant, adminEmail, adminPassword and apiKey; only its owner reads it. */
  readonly credentialsFile: string;
  readonly services: ReadonlyMap<string, Supervised>;
  readonly engines: Engines;
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
  });
};

/** An address that listens everywhere is no address to call. */
const reachable = (host: string): string => {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host.includes(":") ? `[${host === "::" ? "::1" : host}]` : host;
};

/** Waits until a service serves; answers why it does not when it is given up or takes too long. */
const untilReady = async (service: Supervised, ask: () => Promise<boolean>): Promise<string | undefined> => {
  let gaveUp: string | undefined;
  let ended = false;
  void service.over.then((reason) => {
    gaveUp = reason;
    ended = true;
  });
  const ready = await holds(async () => ended || (await ask()), { timeoutMs: READY_TIMEOUT_MS, everyMs: 50 });
  if (ended) return gaveUp ?? `${service.name}: was stopped`;
  return ready ? undefined : `${service.name}: is not ready after ${READY_TIMEOUT_MS / 1000} s`;
};

/**
 * Starts engines and every service that is built, and answers when all that can serve do. A service that is not built or
 * does not come up is named in the log; the others run without it.
 */
export const startKeynode = async ({
  services: found,
  settings,
  log,
}: {
  services: readonly Service[];
  settings: Settings;
  log: (line: string) => void;
}): Promise<Keynode> => {
  const { home, httpHost, mongodbPort, natsPort } = settings;
  const logFolder = path.join(home, "log");
  mkdirSync(logFolder, { recursive: true, mode: 0o700 });
  const names = found.map(({ name }) => name);
  const secrets = await openSecrets(path.join(home, "secrets.json"), names);
  const engines = await resolveEngines({
    dataDir: path.join(home, "data"),
    log,
    keepAlive: true,
    ...(mongodbPort === undefined ? {} : { mongo: { port: mongodbPort } }),
    nats: {
      ...(natsPort === undefined ? {} : { port: natsPort }),
      users: names.filter((name) => name !== GATEWAY).map((name) => busUser(name, secrets.bus[name] ?? "")),
    },
  });

  const running = new Map<string, Supervised>();
  const stop = async () => {
    await Promise.all([...running.values()].map((service) => service.stop()));
    await engines.stop();
  };
  try {
    const ports = await choosePorts(path.join(home, "ports.json"), names, settings.httpPort);
    const baseUrl = `http://${reachable(httpHost)}:${ports[GATEWAY]}`;
    const credentialsFile = path.join(home, "credentials.json");
    writeCredentials(credentialsFile, baseUrl, secrets);

    const start = (service: Service): Supervised => {
      const supervised = supervise(
        {
          name: service.name,
          args: ["--enable-source-maps", service.main],
          env: serviceEnvironment(service, { services: names, ports, secrets, engines, settings }),
          cwd: service.folder,
          logFile: path.join(logFolder, `${service.name}.log`),
        },
        { log },
      );
      running.set(service.name, supervised);
      void supervised.over.then((reason) => reason !== undefined && log(reason));
      return supervised;
    };
    await startAll(found, { start, ports, baseUrl, log });
    return { baseUrl, credentialsFile, services: running, engines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** All at once: each waits for what it needs by itself, the gateway serves whatever is up. */
const startAll = async (
  services: readonly Service[],
  {
    start,
    ports,
    baseUrl,
    log,
  }: { start: (service: Service) => Supervised; ports: Ports; baseUrl: string; log: (line: string) => void },
): Promise<void> => {
  for (const { name, main } of services.filter(({ built }) => !built)) log(`${name}: is left out, there is no ${main}`);
  const late = await Promise.all(
    services
      .filter(({ built }) => built)
      .map((service) => {
        const ready = () => (service.name === GATEWAY ? isHealthy(baseUrl) : isServing(addressOf(service.name, ports)));
        return untilReady(start(service), ready);
      }),
  );
  for (const reason of late) if (reason?.includes("is not ready")) log(reason);
};
