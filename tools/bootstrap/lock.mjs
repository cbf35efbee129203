import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const ASK_EVERY_MS = 200;

/** On Linux a process is known by its start too: ids are used again, in containers soon. */
const startOf = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
};

const isAlive = ({ pid, start }) => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  return start === undefined || startOf(pid) === start;
};

const readOwner = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

const tryTake = (file) => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
};

const removeDead = (file) => {
  // Take it aside first, and give it back should another process have taken the lock meanwhile.
  const aside = `${file}.${process.pid}.old`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const owner = readOwner(aside);
  if (owner !== undefined && isAlive(owner)) renameSync(aside, file);
  else rmSync(aside, { force: true });
};

/** Runs `act` while no other process runs its own under the same file; a lock whose process has ended is taken over. */
export const withLock = async (file, act) => {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryTake(file)) {
    const owner = readOwner(file);
    if (owner === undefined || !isAlive(owner)) {
      removeDead(file);
      continue;
    }
    if (!told) console.error(`Waiting for process ${owner.pid}, which is installing.`);
    told = true;
    await delay(ASK_EVERY_MS);
  }
  try {
    return await act();
  } finally {
    rmSync(file, { force: true });
  }
};
