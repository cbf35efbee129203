import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const INSTALL_TIMEOUT_MS = 300_000;

const run = promisify(execFile);

/**
 * Makes a Python environment of its own in a folder, with what pip is told to install, unless it is there already. The
 * folder's name has to tell what is in it. Throws when there is no Python, or nothing to install from.
 */
export const ensureEnvironment = async (home: string, packages: readonly string[]): Promise<void> => {
  const whole = path.join(home, "installed");
  if (existsSync(whole)) return;
  const options = { timeout: INSTALL_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 };
  try {
    await run("python3", ["-m", "venv", "--clear", home], options);
    await run(path.join(home, "bin", "pip"), ["install", "--quiet", ...packages], options);
    await run("touch", [whole], options);
  } catch (cause) {
    const name = path.basename(home);
    throw new Error(`${name} cannot be installed: it takes Python 3.10 or later with venv, and PyPI`, { cause });
  }
};
