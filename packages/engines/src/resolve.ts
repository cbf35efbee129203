import path from "node:path";
import { openCache } from "./cache.ts";
import { firstThatWorks } from "./choose.ts";
import { claimFolder, endLeftovers, recallEngine } from "./data-folder.ts";
import { mongoInDocker, natsInDocker } from "./docker.ts";
import { type Engine, holdEngine } from "./engine.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { documentdb } from "./mongo/documentdb.ts";
import { downloadedMongod } from "./mongo/downloaded-mongod.ts";
import { givenMongo } from "./mongo/given.ts";
import { mongodOnPath } from "./mongo/mongod-on-path.ts";
import type { NatsUser } from "./nats/config.ts";
import { givenNats } from "./nats/given.ts";
import { natsServerSources } from "./nats/sources.ts";
import { choosePort } from "./port.ts";
import { reasonOf } from "./reason.ts";
import type { Log, Setup, Source } from "./server.ts";

export type EngineOptions = {
  /** Made when it is not there. Its data outlives the engines, and kill -9. */
  readonly dataDir: string;
  readonly log: Log;
  /** Port on the loopback address; without one, the port used last time or any free one. */
  readonly mongo?: { readonly port?: number };
  readonly nats?: {
    readonly port?: number;
    /** Who may use the bus; ignored on a bus given by NATS_URL. */
    readonly users?: readonly NatsUser[];
  };
  /** Starts an engine again that ends unasked. */
  readonly keepAlive?: boolean;
  /** Starts engines of its own even where MONGODB_URI or NATS_URL are given: faults may be injected. */
  readonly own?: boolean;
  /** The data folder is removed after use, and so is what lies elsewhere, such as Docker volumes. */
  readonly temporary?: boolean;
};

export type Engines = {
  readonly mongo: Engine;
  readonly nats: Engine;
  /** Stops what was started, the bus first, and leaves the data folder. */
  readonly stop: () => Promise<void>;
};

const MONGO_ADVICE =
  "Start Docker, install MongoDB 6 or later (mongod on PATH), or set MONGODB_URI to a server you have.";
const NATS_ADVICE =
  "Start Docker, install nats-server 2.10 or later on PATH, or set NATS_URL to a server with JetStream.";

const mongoSources = (setup: Setup, environment: Environment, own: boolean, cache: string): Source[] => {
  if (environment.mongodbUri !== undefined && !own) return [givenMongo(environment.mongodbUri)];
  return [
    mongoInDocker(setup, environment.dockerAddresses),
    mongodOnPath(setup, environment.searchPath),
    downloadedMongod(setup, cache),
    documentdb(setup, cache),
  ];
};

const natsSources = (
  setup: Setup,
  environment: Environment,
  own: boolean,
  cache: string,
  users: readonly NatsUser[],
): Source[] => {
  if (environment.natsUrl !== undefined && !own) return [givenNats(environment.natsUrl)];
  return [
    natsInDocker(setup, environment.dockerAddresses, users),
    ...natsServerSources(setup, { searchPath: environment.searchPath, cache, log: setup.log }, users),
  ];
};

const resolveEngine = async (
  { name, advice, folder, wanted }: { name: string; advice: string; folder: string; wanted: number | undefined },
  { log, keepAlive = false, temporary = false }: EngineOptions,
  sources: (setup: Setup) => Source[],
): Promise<Engine> => {
  const { release } = claimFolder(folder);
  try {
    await endLeftovers(folder, log);
    const { port: usual } = recallEngine(folder);
    const port = await choosePort({
      ...(wanted === undefined ? {} : { wanted }),
      ...(usual === undefined ? {} : { usual }),
    });
    const chosen = await firstThatWorks(name, sources({ folder, port, temporary, log }), { folder, advice, log });
    const engine = holdEngine(chosen, { name, keepAlive, log });
    return {
      ...engine,
      stop: async () => {
        await engine.stop();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
};

const resolveMongo = (options: EngineOptions, environment: Environment, cache: string): Promise<Engine> =>
  resolveEngine(
    {
      name: "MongoDB",
      advice: MONGO_ADVICE,
      folder: path.resolve(options.dataDir, "mongo"),
      wanted: options.mongo?.port,
    },
    options,
    (setup) => mongoSources(setup, environment, options.own ?? false, cache),
  );

/** The bus alone, for tests that need one to themselves; see `resolveEngines`. */
export const resolveNats = (
  options: EngineOptions,
  environment: Environment = readEnvironment(),
  cache: string = openCache(environment.cacheFolders),
): Promise<Engine> =>
  resolveEngine(
    { name: "NATS", advice: NATS_ADVICE, folder: path.resolve(options.dataDir, "nats"), wanted: options.nats?.port },
    options,
    (setup) => natsSources(setup, environment, options.own ?? false, cache, options.nats?.users ?? []),
  );

/**
 * Finds or starts MongoDB and NATS, the first way that works for each: given by the environment, Docker, a program on
 * PATH, a download, the embedded engine. They stop with this process, however it ends.
 */
export const resolveEngines = async (
  options: EngineOptions,
  environment: Environment = readEnvironment(),
): Promise<Engines> => {
  const cache = openCache(environment.cacheFolders);
  const [mongo, nats] = await Promise.allSettled([
    resolveMongo(options, environment, cache),
    resolveNats(options, environment, cache),
  ]);
  if (mongo.status === "fulfilled" && nats.status === "fulfilled") {
    return {
      mongo: mongo.value,
      nats: nats.value,
      stop: async () => {
        await nats.value.stop();
        await mongo.value.stop();
      },
    };
  }
  const reasons: string[] = [];
  for (const start of [mongo, nats]) {
    if (start.status === "fulfilled") await start.value.stop();
    else reasons.push(reasonOf(start.reason));
  }
  throw new Error(reasons.join("\n"));
};
