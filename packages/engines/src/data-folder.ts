import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { holds } from "./poll.ts";
import { endAtOnce, identify, isAlive, isProcessIdentity, type ProcessIdentity } from "./process-identity.ts";
import { reasonOf } from "./reason.ts";
import type { Log } from "./server.ts";

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

const writeWhole = (file: string, value: unknown): void => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  renameSync(draft, file);
};

const self = (): ProcessIdentity => {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error("this process cannot be identified: is /proc or ps there?");
  return identity;
};

/** Makes a folder that only its owner may enter. Throws with a sentence when it cannot be used. */
export const privateFolder = (folder: string): string => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`the data folder ${folder} cannot be used: ${reasonOf(error)}`);
  }
  return folder;
};

/** True when the caller now owns the claim. The link is the atomic step: it fails when the file is there. */
const tryClaim = (file: string, claim: string): boolean => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, claim, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

const ownerFile = (folder: string): string => path.join(folder, "owner.json");

/** The process that uses the folder now. */
const liveOwner = (folder: string): ProcessIdentity | undefined => {
  const owner = readJson(ownerFile(folder));
  return isProcessIdentity(owner) && isAlive(owner) ? owner : undefined;
};

/** Whether the folder is claimed, and if so whether its owner still runs. */
export const ownership = (folder: string): "live" | "dead" | "none" => {
  if (liveOwner(folder) !== undefined) return "live";
  return existsSync(ownerFile(folder)) ? "dead" : "none";
};

/**
 * Makes this process the folder's one user until `release`. A claim whose process has ended is taken over;
 * throws when its process lives.
 */
export const claimFolder = (folder: string): { release: () => void } => {
  const file = ownerFile(privateFolder(folder));
  const claim = JSON.stringify(self());
  while (!tryClaim(file, claim)) {
    const owner = liveOwner(folder);
    if (owner !== undefined) {
      throw new Error(`the data folder ${folder} is in use by process ${owner.pid}: stop it or choose another folder`);
    }
    // Take the dead claim away, and give it back should another process have claimed meanwhile.
    const aside = `${file}.${process.pid}.old`;
    try {
      renameSync(file, aside);
    } catch {
      continue;
    }
    const taken = readJson(aside);
    if (isProcessIdentity(taken) && isAlive(taken)) renameSync(aside, file);
    else rmSync(aside, { force: true });
  }
  return { release: () => rmSync(file, { force: true }) };
};

const processesFile = (folder: string): string => path.join(folder, "processes.json");

/** Remembers the servers at work in `folder`, for a later start that finds them left over. */
export const recordProcesses = (folder: string, identities: readonly ProcessIdentity[]): void =>
  writeWhole(processesFile(folder), identities);

/**
 * Ends the servers that an earlier owner of `folder` left behind when it was killed. Their guards are stopping
 * them already; what has not ended after `graceMs` is killed.
 */
export const endLeftovers = async (folder: string, log: Log, graceMs = 15_000): Promise<void> => {
  const recorded = readJson(processesFile(folder));
  const left = (Array.isArray(recorded) ? recorded : []).filter(isProcessIdentity).filter(isAlive);
  if (left.length > 0) {
    log(`waiting for servers that an earlier run left in ${folder} to stop`);
    if (!(await holds(() => !left.some(isAlive), { timeoutMs: graceMs }))) {
      for (const { pid } of left.filter(isAlive)) endAtOnce(pid);
      await holds(() => !left.some(isAlive), { timeoutMs: 5_000 });
    }
  }
  rmSync(processesFile(folder), { force: true });
};

/** What a data folder remembers of its engines: the family whose format the data has, and the port last used. */
export type EngineMemory = { readonly family?: string; readonly port?: number };

export const recallEngine = (folder: string): EngineMemory => {
  const memory = readJson(path.join(folder, "engine.json"));
  if (typeof memory !== "object" || memory === null) return {};
  return {
    ...("family" in memory && typeof memory.family === "string" ? { family: memory.family } : {}),
    ...("port" in memory && typeof memory.port === "number" ? { port: memory.port } : {}),
  };
};

export const rememberEngine = (folder: string, memory: EngineMemory): void =>
  writeWhole(path.join(folder, "engine.json"), memory);
