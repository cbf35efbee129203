import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const VERSION = "4.32.5";
const INSTALL_TIMEOUT_MS = 300_000;

const run = promisify(execFile);

/**
 * The schemathesis command of this version, in a Python environment of its own below the folder; installed from PyPI when
 * it is not there yet. Throws when there is no Python, or nothing to install from.
 */
export const ensureSchemathesis = async (folder: string): Promise<string> => {
  const home = path.join(folder, `schemathesis-${VERSION}`);
  const command = path.join(home, "bin", "schemathesis");
  const whole = path.join(home, "installed");
  if (existsSync(whole)) return command;
  const options = { timeout: INSTALL_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 };
  try {
    await run("python3", ["-m", "venv", "--clear", home], options);
    await run(path.join(home, "bin", "pip"), ["install", "--quiet", `schemathesis==${VERSION}`], options);
    await run("touch", [whole], options);
  } catch (cause) {
    throw new Error("schemathesis cannot be installed: it takes Python 3.10 or later with venv, and PyPI", { cause });
  }
  return command;
};
