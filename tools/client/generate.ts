/**
 * Derives the generated part of packages/client from the contract: `node --conditions=source tools/client/generate.ts`.
 * Due after every change of proto/, and of a service's or the gateway's table of reasons.
 * With `--check` nothing is written: the exit code is 1 when the committed output is stale.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FileRegistry } from "@bufbuild/protobuf";
import { registry as contractRegistry } from "@keynode/contracts/descriptors";
import { contractProfile } from "@keynode/gateway/profile";
import { contractRoutes } from "@keynode/gateway/transcoder/routes";
import { type Namespace, namespacesOf } from "./namespaces.ts";
import { knownReasons, problemsModule } from "./reasons.ts";
import { header } from "./text.ts";
import { createTypeWriter } from "./types.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const target = path.join(root, "packages", "client", "src");
/** Hold nothing but what is generated. */
const FOLDERS = ["api", "types"];
const FILES = ["keynode.ts", "problems.ts"];

/** Every generated file by its path within the client's sources. */
const clientFiles = async (registry: FileRegistry): Promise<ReadonlyMap<string, string>> => {
  const types = createTypeWriter();
  const routes = contractRoutes(registry);
  const namespaces = namespacesOf(routes, contractProfile(routes), types);
  const files = new Map<string, string>();
  for (const { file, source } of namespaces) files.set(`api/${file}.ts`, source);
  for (const [file, source] of types.files()) files.set(`types/${file}.ts`, source);
  files.set("keynode.ts", keynodeModule(namespaces));
  files.set("problems.ts", problemsModule(await knownReasons(root)));
  return files;
};

const keynodeModule = (namespaces: readonly Namespace[]): string => `${header}${namespaces
  .map(({ name, file }) => `import { ${name} } from "./api/${file}.ts";\n`)
  .join("")}import { type ClientOptions, createClient } from "./client.ts";

/**
 * The whole API, one namespace for each collection: \`keynode.leads.create({ name: "王芳" })\`. An application that needs
 * few of them imports those alone, from \`@keynode/client/api/…\`, and gives each the same client.
 */
export const createKeynode = (options: ClientOptions) => {
  const client = createClient(options);
  return {
    client,
${namespaces.map(({ name }) => `    ${name}: ${name}(client),\n`).join("")}  };
};

export type Keynode = ReturnType<typeof createKeynode>;
`;

const present = (): string[] => [
  ...FOLDERS.flatMap((folder) =>
    existsSync(path.join(target, folder))
      ? readdirSync(path.join(target, folder)).map((file) => `${folder}/${file}`)
      : [],
  ),
  ...FILES,
];

/** The files that are not what the contract makes of them. */
const staleFiles = (files: ReadonlyMap<string, string>): string[] =>
  [...new Set([...files.keys(), ...present()])].filter((file) => {
    const at = path.join(target, file);
    return !existsSync(at) || readFileSync(at, "utf8") !== files.get(file);
  });

const write = (files: ReadonlyMap<string, string>): void => {
  for (const file of present()) if (!files.has(file)) rmSync(path.join(target, file));
  for (const folder of FOLDERS) mkdirSync(path.join(target, folder), { recursive: true });
  for (const [file, source] of files) writeFileSync(path.join(target, file), source);
};

if (import.meta.main) {
  const files = await clientFiles(contractRegistry());
  const stale = staleFiles(files);
  if (process.argv.includes("--check")) {
    for (const file of stale) console.error(`stale: packages/client/src/${file}`);
    if (stale.length > 0) console.error("Run `npm run gen` and commit what it writes.");
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    write(files);
    console.log(`packages/client: files changed: ${stale.length}`);
  }
}
