import { readdirSync, readlinkSync, rmSync } from "node:fs";
import path from "node:path";
import { holds } from "../poll.ts";
import { endAtOnce } from "../process-identity.ts";

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
