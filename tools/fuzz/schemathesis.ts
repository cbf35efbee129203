import path from "node:path";
import { ensureEnvironment } from "../python/environment.ts";

const VERSION = "4.32.5";

/** The schemathesis command of this version, in a Python environment of its own below the folder. Throws when it cannot be installed. */
export const ensureSchemathesis = async (folder: string): Promise<string> => {
  const home = path.join(folder, `schemathesis-${VERSION}`);
  await ensureEnvironment(home, [`schemathesis==${VERSION}`]);
  return path.join(home, "bin", "schemathesis");
};
