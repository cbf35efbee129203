import { createHash } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";
import { SETTINGS } from "./documentdb-settings.ts";
import { NOBODY, type Privilege, withPrivilege } from "./privilege.ts";

/** PostgreSQL's major version, which owns a data folder's format. */
const MAJOR = "18";
const INIT_TIMEOUT_MS = 120_000;

/** The folder that documentdb.sh made. */
export type EngineFolder = string;

export const program = (engine: EngineFolder, name: string): string =>
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

export type Place = {
  readonly engine: EngineFolder;
  /** Holds the data folder and what is known of it. */
  readonly folder: string;
  readonly data: string;
  readonly privilege: Privilege;
  /** Need not survive the machine's sudden end. */
  readonly temporary: boolean;
};

/** Makes the data folder, or brings it to this engine's extension; a start that was cut short begins again. */
export const prepareData = async ({ engine, folder, data, privilege, temporary }: Place): Promise<void> => {
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
