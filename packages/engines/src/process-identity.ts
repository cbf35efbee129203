import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process, told apart from a later one that got the same id, also after a reboot. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/** Undefined when there is no such process, or when it has ended and only awaits its parent. */
export const identify = (pid: number): ProcessIdentity | undefined => {
  const startedAt = process.platform === "linux" ? startOnLinux(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
};

export const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean => identify(pid)?.startedAt === startedAt;

/** kill -9; quiet when the process has ended meanwhile. */
export const endAtOnce = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
};

export const isProcessIdentity = (value: unknown): value is ProcessIdentity =>
  typeof value === "object" &&
  value !== null &&
  "pid" in value &&
  typeof value.pid === "number" &&
  "startedAt" in value &&
  typeof value.startedAt === "string";

const startOnLinux = (pid: number): string | undefined => {
  try {
    // proc(5): the command in parentheses may hold anything, so count the fields after its last one.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === "Z" || state === "X" || startTicks === undefined) return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${startTicks}`;
  } catch {
    return undefined;
  }
};

const startFromPs = (pid: number): string | undefined => {
  try {
    const [state, ...started] = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trim()
      .split(/\s+/);
    return state === undefined || state === "" || state.startsWith("Z") ? undefined : started.join(" ");
  } catch {
    return undefined;
  }
};
