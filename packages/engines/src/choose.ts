import { recallEngine, rememberEngine } from "./data-folder.ts";
import { reasonOf } from "./reason.ts";
import type { Launch, Log, Running, Source } from "./server.ts";

export type Chosen = { readonly kind: string; readonly launch: Launch; readonly running: Running };

/**
 * Starts the first source that works. A folder that already holds data is only given to sources of the family that
 * wrote it: another would show an empty database. Throws with what was tried and why each way is closed.
 */
export const firstThatWorks = async (
  what: string,
  sources: readonly Source[],
  { folder, advice, log }: { folder: string; advice: string; log: Log },
): Promise<Chosen> => {
  const { family } = recallEngine(folder);
  const closed: string[] = [];
  for (const { kind, family: own, prepare } of sources) {
    if (family !== undefined && own !== family && own !== "given") {
      closed.push(`${kind}: the data in ${folder} was written by ${family}`);
      continue;
    }
    try {
      const launch = await prepare();
      const running = await launch();
      if (own !== "given") rememberEngine(folder, { family: own, port: Number(new URL(running.url).port) });
      log(`${what}: ${kind}, version ${running.version}`);
      return { kind, launch, running };
    } catch (error) {
      closed.push(`${kind}: ${reasonOf(error)}`);
    }
  }
  throw new Error(
    `No ${what} can be had here. Tried, in this order:\n${closed.map((line) => `  - ${line}`).join("\n")}\n${advice}`,
  );
};
