import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { run } from "../command.ts";
import { type GuardedProcess, lastLines, startGuarded } from "../guarded-process.ts";
import { holds } from "../poll.ts";
import { endAtOnce } from "../process-identity.ts";
import { SETTINGS } from "./documentdb-settings.ts";

/** PostgreSQL's major version, which owns a data folder's format. */
const MAJOR = "18";
const INIT_TIMEOUT_MS = 120_000;
/** Recovery after a crash may take its time. */
const READY_TIMEOUT_MS = 120_000;
const NOBODY = 65_534;

/** The folder that documentdb.sh made. */
export type EngineFolder = string;

/**
 * How to run a server that refuses to run as root. `namespace`: in a user namespace that shows us as another user,
 * files stay root's. `user`: as nobody, keeping only the right to pass folders such as a private home. Kept in the
 * data folder, since it decides whose the files are.
 */
type Privilege = "same" | "namespace" | "user";

const ids = `--map-user=${NOBODY} --map-group=${NOBODY}`.split(" ");

const choosePrivilege = async (folder: string): Promise<Privilege> => {
  if (process.getuid?.() !== 0) return "same";
  const file = path.join(folder, "privilege");
  if (existsSync(file)) return readFileSync(file, "utf8") === "user" ? "user" : "namespace";
  const privilege = await run(["unshare", "--user", ...ids, "true"], { timeoutMs: 5_000 }).then(
    () => "namespace" as const,
    () => "user" as const,
  );
  writeFileSync(file, privilege);
  return privilege;
};

const withPrivilege = (privilege: Privilege, command: readonly [string, ...string[]]): [string, ...string[]] => {
  if (privilege === "namespace") return ["unshare", "--user", ...ids, ...command];
  if (privilege === "user") {
    // The secure bit makes access(2) count the right too, by which initdb looks for its programs.
    const rights = [
      "--inh-caps=-all,+dac_override",
      "--ambient-caps=-all,+dac_override",
      "--securebits=+no_setuid_fixup",
    ];
    return ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...rights, ...command];
  }
  return [...command];
};

const program = (engine: EngineFolder, name: string): string =>
  path.join(engine, "usr/lib/postgresql", MAJOR, "bin", name);

/** Runs statements without a server: no psql and no first start are needed. */
const single = async (engine: EngineFolder, data: string, privilege: Privilege, statements: readonly string[]) => {
  const command = withPrivilege(privilege, [
    program(engine, "postgres"),
    "--single",
    "-j",
    "-D",
    data,
    "-c",
    "min_wal_size=32MB",
    "postgres",
  ]);
  const complaints: string[] = [];
  // In this mode it exits with 0 whatever the statements did.
  await run(command, {
    timeoutMs: INIT_TIMEOUT_MS,
    input: statements.map((statement) => `${statement};\n\n`).join(""),
    log: (line) => {
      if (/ERROR|FATAL|PANIC/.test(line)) complaints.push(line);
    },
  });
  if (complaints.length > 0) throw new Error(`${statements.join("; ")} failed: ${complaints.join("; ")}`);
};

const createData = async (engine: EngineFolder, data: string, privilege: Privilege): Promise<void> => {
  mkdirSync(data, { mode: 0o700 });
  if (privilege === "user") chownSync(data, NOBODY, NOBODY);
  const options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  await run(withPrivilege(privilege, [program(engine, "initdb"), "-D", data, ...options]), {
    timeoutMs: INIT_TIMEOUT_MS,
  });
  writeFileSync(path.join(data, "postgresql.auto.conf"), SETTINGS);
  await single(engine, data, privilege, [
    "CREATE EXTENSION documentdb CASCADE",
    "CREATE EXTENSION documentdb_extended_rum",
  ]);
};

const copyFolder = (from: string, to: string): Promise<string> =>
  run(["cp", "--archive", "--reflink=auto", from, to], { timeoutMs: INIT_TIMEOUT_MS });

/** A new data folder as a copy of one that is made once per engine: tests start many. */
const copyTemplate = async (engine: EngineFolder, data: string, privilege: Privilege): Promise<void> => {
  const settings = createHash("sha256").update(SETTINGS).digest("hex").slice(0, 12);
  const template = `${engine}-data-${settings}`;
  if (!existsSync(template)) {
    const draft = `${template}.${process.pid}.${Date.now()}`;
    try {
      await createData(engine, draft, privilege);
      // Fails when another start was first; its template is as good.
      if (!existsSync(template)) renameSync(draft, template);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  await copyFolder(template, data);
};

type Place = {
  readonly engine: EngineFolder;
  /** Holds the data folder and what is known of it. */
  readonly folder: string;
  readonly data: string;
  readonly privilege: Privilege;
  /** Need not survive the machine's sudden end. */
  readonly temporary: boolean;
};

/** Makes the data folder, or brings it to this engine's extension; a start that was cut short begins again. */
const prepareData = async ({ engine, folder, data, privilege, temporary }: Place): Promise<void> => {
  const marker = path.join(folder, "ready");
  const engineId = path.basename(engine);
  if (existsSync(marker)) {
    const major = readFileSync(path.join(data, "PG_VERSION"), "utf8").trim();
    if (major !== MAJOR) throw new Error(`${data} was made by PostgreSQL ${major}, this engine is ${MAJOR}`);
    writeFileSync(path.join(data, "postgresql.auto.conf"), SETTINGS);
    if (readFileSync(marker, "utf8") === engineId) return;
    await single(engine, data, privilege, [
      "ALTER EXTENSION documentdb_core UPDATE",
      "ALTER EXTENSION documentdb UPDATE",
    ]);
  } else {
    rmSync(data, { recursive: true, force: true });
    // Files of another user cannot be copied from this one's cache.
    await (privilege === "user" ? createData : copyTemplate)(engine, data, privilege);
    if (!temporary) await run(["sync", "-f", data], { timeoutMs: INIT_TIMEOUT_MS });
  }
  writeFileSync(marker, engineId);
};

/** An executable of any engine that documentdb.sh made; other programs in the folder, such as a shell, are not ours. */
const ENGINE_PROGRAM = /\/documentdb\/engine-\d+\//;

const processesIn = (data: string): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === data && ENGINE_PROGRAM.test(readlinkSync(`/proc/${pid}/exe`));
      } catch {
        return false;
      }
    })
    .map(Number);

/**
 * Ends what still works in the data folder without its postmaster: pg_cron's launcher can outlive a killed one for
 * ever and hold the shared memory, so that no new server may start. Lock files of the dead are removed.
 */
export const sweepPostgres = async (data: string): Promise<void> => {
  let asks = 0;
  const gone = await holds(
    () => {
      const left = processesIn(data);
      asks += 1;
      // A moment to leave by themselves first.
      if (asks > 4) for (const pid of left) endAtOnce(pid);
      return left.length === 0;
    },
    { timeoutMs: 5_000, everyMs: 50 },
  );
  if (!gone) throw new Error(`processes ${processesIn(data).join(", ")} hold ${data} and do not end`);
  rmSync(path.join(data, "postmaster.pid"), { force: true });
};

/** Starts PostgreSQL on a socket in `socketFolder` and waits until it takes connections. */
export const startPostgres = async ({
  engine,
  folder,
  socketFolder,
  temporary,
}: Pick<Place, "engine" | "folder" | "temporary"> & { socketFolder: string }): Promise<{
  server: GuardedProcess;
  data: string;
}> => {
  const data = path.join(folder, "pg");
  const privilege = await choosePrivilege(folder);
  await prepareData({ engine, folder, data, privilege, temporary });
  await sweepPostgres(data);
  if (privilege === "user") chownSync(socketFolder, NOBODY, NOBODY);
  const settings = {
    unix_socket_directories: socketFolder,
    // DocumentDB and pg_cron connect to their own server, over TCP unless told: every write to a new collection would fail.
    "documentdb.localhost_connection_string": `host=${socketFolder}`,
    "cron.host": socketFolder,
    dynamic_shared_memory_type: existsSync("/dev/shm") ? "posix" : "mmap",
    fsync: temporary ? "off" : "on",
  };
  const server = await startGuarded({
    command: withPrivilege(privilege, [
      program(engine, "postgres"),
      "-D",
      data,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ]),
    // Fast shutdown: end sessions, checkpoint, exit.
    stopSignal: "INT",
    logFile: path.join(folder, "postgres.log"),
  });
  const status = () => {
    try {
      const lines = readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n");
      return lines[0] === String(server.identity.pid) && lines[7]?.trim() === "ready";
    } catch {
      return false;
    }
  };
  await holds(() => status() || !server.isRunning(), { timeoutMs: READY_TIMEOUT_MS });
  if (status() && server.isRunning()) return { server, data };
  await server.stop();
  throw new Error(`PostgreSQL did not become ready: ${lastLines(path.join(folder, "postgres.log"))}`);
};
