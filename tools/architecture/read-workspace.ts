import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { type SourceModule, readModule } from "./source-module.ts";
import type { Workspace, WorkspacePackage } from "./rules.ts";

type Manifest = {
  readonly name?: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};

const manifest = (root: string, folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8")) as Manifest;

/** The packages that the root's `workspaces` name. */
export const readWorkspace = (root: string): Workspace => {
  const { workspaces = [], dependencies = {}, devDependencies = {} } = manifest(root, ".");
  const packages = workspaces
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }))
    .map((file): WorkspacePackage => {
      const folder = path.dirname(file).split(path.sep).join("/");
      const found = manifest(root, folder);
      return {
        folder,
        name: found.name ?? folder,
        dependencies: Object.keys(found.dependencies ?? {}),
        devDependencies: Object.keys(found.devDependencies ?? {}),
      };
    })
    .sort((left, right) => left.folder.localeCompare(right.folder));
  return { packages, rootDependencies: [...Object.keys(dependencies), ...Object.keys(devDependencies)] };
};

const skipped = new Set(["node_modules", "dist", ".keynode", "coverage"]);

/** Every TypeScript file of the workspace's packages. */
export const readModules = (root: string, { packages }: Workspace): SourceModule[] =>
  packages
    .flatMap(({ folder }) =>
      globSync(`${folder}/**/*.ts`, { cwd: root, exclude: (entry) => skipped.has(path.basename(entry)) }),
    )
    .filter((file) => !file.endsWith(".d.ts"))
    .map((file) => readModule(file.split(path.sep).join("/"), readFileSync(path.join(root, file), "utf8")));
