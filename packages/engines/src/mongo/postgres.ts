import { chownSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type GuardedProcess, lastLines, startGuarded } from "../guarded-process.ts";
import { holds } from "../poll.ts";
import { type Place, prepareData, program } from "./postgres-data.ts";
import { sweepPostgres } from "./postgres-leftovers.ts";
import { choosePrivilege, NOBODY, withPrivilege } from "./privilege.ts";

/** Recovery after a crash may take its time. */
const READY_TIMEOUT_MS = 120_000;

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
