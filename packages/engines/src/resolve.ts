import path from "node:path";
import { openCache } from "./cache.ts";
import { firstThatWorks } from "./choose.ts";
import { claimFolder, endLeftovers, privateFolder, recallEngine } from "./data-folder.ts";
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

/** The bus alone, for tests that need one to themselves; see `resolveEngines`. */
export const resolveNats = async (
  { dataDir, log, nats = {}, keepAlive = false, own = false, temporary = false }: EngineOptions,
  environment: Environment = readEnvironment(),
): Promise<Engine> => {
  const setup = await prepareSetup(path.join(path.resolve(dataDir), "nats"), nats.port, temporary, log);
  const sources = natsSources(setup, environment, own, openCache(environment.cacheFolders), nats.users ?? []);
  const chosen = await firstThatWorks("NATS", sources, { folder: setup.folder, advice: NATS_ADVICE, log });
  return holdEngine(chosen, { name: "NATS", keepAlive, log });
};

/** The engine's folder with nothing left running in it, and the port to use. */
const prepareSetup = async (
  folder: string,
  wanted: number | undefined,
  temporary: boolean,
  log: Log,
): Promise<Setup> => {
  await endLeftovers(privateFolder(folder), log);
  const { port: usual } = recallEngine(folder);
  const port = await choosePort({
    ...(wanted === undefined ? {} : { wanted }),
    ...(usual === undefined ? {} : { usual }),
  });
  return { folder, port, temporary, log };
};

/**
 * Finds or starts MongoDB and NATS, the first way that works for each: given by the environment, Docker, a program on
 * PATH, a download, the embedded engine. They stop with this process, however it ends.
 */
export const resolveEngines = async (
  options: EngineOptions,
  environment: Environment = readEnvironment(),
): Promise<Engines> => {
  const { dataDir, log, mongo = {}, keepAlive = false, own = false, temporary = false } = options;
  const folder = path.resolve(dataDir);
  const cache = openCache(environment.cacheFolders);
  const { release } = claimFolder(folder);

  const startMongo = async (): Promise<Engine> => {
    const setup = await prepareSetup(path.join(folder, "mongo"), mongo.port, temporary, log);
    const sources = mongoSources(setup, environment, own, cache);
    const chosen = await firstThatWorks("MongoDB", sources, { folder: setup.folder, advice: MONGO_ADVICE, log });
    return holdEngine(chosen, { name: "MongoDB", keepAlive, log });
  };
  const [mongoStart, natsStart] = await Promise.allSettled([startMongo(), resolveNats(options, environment)]);
  if (mongoStart.status === "fulfilled" && natsStart.status === "fulfilled") {
    const [mongoEngine, natsEngine] = [mongoStart.value, natsStart.value];
    return {
      mongo: mongoEngine,
      nats: natsEngine,
      stop: async () => {
        await natsEngine.stop();
        await mongoEngine.stop();
        release();
      },
    };
  }
  const reasons: string[] = [];
  for (const start of [mongoStart, natsStart]) {
    if (start.status === "fulfilled") await start.value.stop();
    else reasons.push(start.reason instanceof Error ? start.reason.message : String(start.reason));
  }
  release();
  throw new Error(reasons.join("\n"));
};
