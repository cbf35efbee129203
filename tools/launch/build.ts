import path from "node:path";
import { run } from "@keynode/engines/command";

const BUILD_TIMEOUT_MS = 10 * 60_000;

/** Builds what has changed. Throws with the compiler's last lines. */
export const build = async (root: string): Promise<void> => {
  const turbo = path.join(root, "node_modules", ".bin", "turbo");
  await run([turbo, "run", "build", "--output-logs=errors-only"], {
    cwd: root,
    env: { TURBO_TELEMETRY_DISABLED: "1" },
    timeoutMs: BUILD_TIMEOUT_MS,
    tailLines: 30,
  });
};
