import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";

/** Loads the demo tenant's sales history through the public API; a repeat loads nothing twice. A failure leaves the system up. */
export const seed = async (root: string, credentialsFile: string, sample: string | undefined): Promise<void> => {
  const file = path.join(root, "tools", "seed", "main.ts");
  if (!existsSync(file)) return;
  const options = ["--credentials", credentialsFile, ...(sample === undefined ? [] : ["--sample", sample])];
  const loader = spawn(process.execPath, ["--conditions=source", file, ...options], { cwd: root, stdio: "inherit" });
  const [code] = await once(loader, "exit");
  if (code !== 0) console.error("The sales history is not loaded whole; the next start goes on with it.");
};
