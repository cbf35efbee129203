import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/** The one service that speaks HTTP and is nobody's upstream. */
export const GATEWAY = "gateway";

/** A folder under services/. */
export type Service = {
  /** The folder's name, which is also the context on the bus. */
  readonly name: string;
  readonly folder: string;
  readonly main: string;
  readonly built: boolean;
  /** What it asks of the launcher besides what every service gets: the names of variables. */
  readonly wants: readonly string[];
};

const manifest = z.object({ keynode: z.object({ environment: z.array(z.string()) }).optional() });

/** The services of the repository, by name. A new folder with a package.json is a new service. */
export const discoverServices = (root: string): Service[] => {
  const parent = path.join(root, "services");
  return readdirSync(parent)
    .sort()
    .map((name) => ({ name, folder: path.join(parent, name) }))
    .filter(({ folder }) => existsSync(path.join(folder, "package.json")))
    .map(({ name, folder }) => {
      const main = path.join(folder, "dist", "main.js");
      const { keynode } = manifest.parse(JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")));
      return { name, folder, main, built: existsSync(main), wants: keynode?.environment ?? [] };
    });
};
