import { readFileSync } from "node:fs";

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own tick is (proc(5), USER_HZ). */
const TICK_MS = 10;
const MIB_IN_KIB = 1_024;

/** CPU time, user and system, out of /proc/PID/stat. The name before it may hold spaces and brackets. */
export const cpuMsOf = (stat: string): number => {
  const [userTicks, systemTicks] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return ((userTicks ?? Number.NaN) + (systemTicks ?? Number.NaN)) * TICK_MS;
};

/** Resident memory out of /proc/PID/status; what processes share is counted in each. */
export const rssMibOf = (status: string): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / MIB_IN_KIB;

/** Memory out of /proc/PID/smaps_rollup with what several processes share divided among them: summed up, it counts once. */
export const pssMibOf = (smapsRollup: string): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(smapsRollup)?.[1]) / MIB_IN_KIB;

export const cpuMs = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + cpuMsOf(readFileSync(`/proc/${pid}/stat`, "utf8")), 0);

export const rssMib = (pid: number): number => rssMibOf(readFileSync(`/proc/${pid}/status`, "utf8"));

export const pssMib = (pid: number): number => pssMibOf(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));

/** The processes that `pid` started. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

export const commandOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
