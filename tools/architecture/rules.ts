import { posix } from "node:path";
import type { Import, SourceModule, Trait } from "./source-module.ts";

/** A workspace package: its folder, name, and what its package.json lets it import. */
export type WorkspacePackage = {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
};

export type Workspace = {
  readonly packages: readonly WorkspacePackage[];
  /** Tools that the root's package.json gives to every test. */
  readonly rootDependencies: readonly string[];
};

type Complaint = { readonly line: number; readonly about: string };
type Rule = {
  /** Completes "<file>:<line> breaks the rule that …". */
  readonly says: string;
  readonly check: (module: SourceModule, workspace: Workspace) => readonly Complaint[];
};

const within = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

const ownerOf = (path: string, { packages }: Workspace): WorkspacePackage | undefined =>
  packages.find(({ folder }) => within(path, folder));

/** Where a relative import leads, relative to the repository. */
const targetOf = (from: string, specifier: string): string => posix.join(posix.dirname(from), specifier);

const isRelative = (specifier: string): boolean => specifier.startsWith(".");

/** `@keynode/decider/errors` → `@keynode/decider`; `uuid/v7` → `uuid`. */
const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const domainFolder = (path: string): string | undefined => /^services\/[^/]+\/src\/domain(?=\/)/.exec(path)?.[0];

/** Tests, and the modules that packages offer to tests: `src/testing.ts`, a vitest setup. */
const isTest = (path: string): boolean =>
  /(^|\/)test\//.test(path) || /^(e2e|bench)\//.test(path) || /\/src\/(testing|vitest)(\/|\.ts$)/.test(path);

const isGenerated = (path: string): boolean => /^packages\/contracts\/src\/[^/]+\//.test(path);

const offending = (
  { imports }: SourceModule,
  refused: (specifier: string | undefined, found: Import) => boolean,
): Complaint[] =>
  imports
    .filter((found) => refused(found.specifier, found))
    .map(({ specifier, line }) => ({ line, about: `imports ${specifier ?? "what it works out at run time"}` }));

const showing = ({ traits }: SourceModule, ...unwanted: readonly Trait[]): Complaint[] =>
  traits.filter(({ trait }) => unwanted.includes(trait)).map(({ trait, line }) => ({ line, about: trait }));

/** What decides and does nothing: the rules of deciding, and those of custom fields. */
const purePackages: ReadonlySet<string> = new Set(["@keynode/decider", "@keynode/fields"]);

/** Who may read the environment besides packages/config: development tools, and the resolver of engines in one file. */
const readsEnvironment = (path: string): boolean =>
  within(path, "packages/config/src") ||
  within(path, "tools") ||
  isTest(path) ||
  path === "packages/engines/src/environment.ts";

export const rules: Readonly<Record<string, Rule>> = {
  "pure-domain": {
    says: "domain/ imports only itself, pure packages, and types of the contracts",
    check: (module) => {
      const domain = domainFolder(module.path);
      if (domain === undefined) return [];
      return offending(module, (specifier, { typeOnly }) => {
        if (specifier === undefined) return true;
        if (isRelative(specifier)) return !within(targetOf(module.path, specifier), domain);
        if (purePackages.has(packageName(specifier))) return false;
        return !(packageName(specifier) === "@keynode/contracts" && typeOnly);
      });
    },
  },
  "no-effects-in-domain": {
    says: "domain/ takes time, ids and chance as arguments, and waits for nothing",
    check: (module) =>
      domainFolder(module.path) === undefined
        ? []
        : showing(
            module,
            "reads the clock",
            "draws a random value",
            "does input or output",
            "is asynchronous",
            "reads the environment",
          ),
  },
  "services-apart": {
    says: "a service is imported by nobody but itself, development tools and tests of the whole",
    check: (module, workspace) => {
      if (/^(tools|e2e|bench)\//.test(module.path)) return [];
      const services = new Map(
        workspace.packages.flatMap(({ name, folder }) => (within(folder, "services") ? [[name, folder] as const] : [])),
      );
      return offending(module, (specifier) => {
        const folder = specifier === undefined ? undefined : services.get(packageName(specifier));
        return folder !== undefined && !within(module.path, folder);
      });
    },
  },
  "no-reaching-in": {
    says: "a package is entered by its exports, never by a relative path",
    check: (module, workspace) => {
      const owner = ownerOf(module.path, workspace);
      if (owner === undefined) return [];
      return offending(
        module,
        (specifier) =>
          specifier !== undefined && isRelative(specifier) && !within(targetOf(module.path, specifier), owner.folder),
      );
    },
  },
  "declared-dependencies": {
    says: "what is imported stands in the package's own package.json, so that an image holds it",
    check: (module, workspace) => {
      const owner = ownerOf(module.path, workspace);
      if (owner === undefined) return [];
      const atRunTime = new Set([owner.name, ...owner.dependencies]);
      const atBuildTime = new Set([...atRunTime, ...owner.devDependencies, ...workspace.rootDependencies]);
      return offending(module, (specifier, { typeOnly }) => {
        if (specifier === undefined || isRelative(specifier) || specifier.startsWith("node:")) return false;
        const name = packageName(specifier);
        if (isTest(module.path) || within(module.path, "tools")) return !atBuildTime.has(name);
        return typeOnly ? !atBuildTime.has(name) && !atBuildTime.has(`@types/${name}`) : !atRunTime.has(name);
      });
    },
  },
  "testing-in-tests": {
    says: "what is made for tests is imported by tests only",
    check: (module) =>
      isTest(module.path) || within(module.path, "tools")
        ? []
        : offending(module, (specifier) => /(^vitest|\/testing|\/vitest)(\/|\.ts$|$)/.test(specifier ?? "")),
  },
  "environment-in-config": {
    says: "the environment is read in packages/config",
    check: (module) => (readsEnvironment(module.path) ? [] : showing(module, "reads the environment")),
  },
  "no-barrels": {
    says: "packages export named files: no index.ts, no export *",
    check: (module) =>
      isGenerated(module.path)
        ? []
        : [
            ...(posix.basename(module.path) === "index.ts" ? [{ line: 1, about: "is an index.ts" }] : []),
            ...showing(module, "re-exports a whole module"),
          ],
  },
  "telling-names": {
    says: "files are kebab-case and no folder is a drawer for the rest",
    check: ({ path }) => {
      if (isGenerated(path)) return [];
      const drawer = path.split("/").find((part) => /^(utils?|shared|helpers?|common|misc|lib)$/.test(part));
      const named = /^[a-z\d]+(-[a-z\d]+)*((\.long)?\.(unit|contract|int|e2e)\.test|\.config)?\.ts$/.test(
        posix.basename(path),
      );
      return [
        ...(drawer === undefined ? [] : [{ line: 1, about: `lies in a folder named ${drawer}` }]),
        ...(named ? [] : [{ line: 1, about: "has a file name of another form" }]),
      ];
    },
  },
  "no-any": {
    says: "types are told: no any",
    check: (module) => (isGenerated(module.path) ? [] : showing(module, "says any")),
  },
  "secrets-in-constant-time": {
    says: "secrets, and what follows from them, are compared by sameSecret of the decider",
    check: (module) =>
      // The client holds its own tokens against one another: nobody tries there what fits.
      isTest(module.path) || isGenerated(module.path) || within(module.path, "packages/client")
        ? []
        : showing(module, "compares a secret by itself"),
  },
  "no-decorators": {
    says: "nothing is wired by decorators",
    check: (module) => showing(module, "has a decorator"),
  },
};

/** Every place where a file breaks a rule, as `<file>:<line> <what> [rule: what it says]`. */
export const violations = (module: SourceModule, workspace: Workspace): string[] =>
  Object.entries(rules).flatMap(([name, { says, check }]) =>
    check(module, workspace).map(({ line, about }) => `${module.path}:${line} ${about} [${name}: ${says}]`),
  );

/** A chain of workspace packages that leads back to its start, or undefined. */
export const dependencyCycle = ({ packages }: Workspace): readonly string[] | undefined => {
  const byName = new Map(packages.map((found) => [found.name, found]));
  const done = new Set<string>();
  const search = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of byName.get(name)?.dependencies ?? []) {
      const cycle = byName.has(next) ? search(next, [...trail, name]) : undefined;
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of packages) {
    const cycle = search(name, []);
    if (cycle) return cycle;
  }
  return undefined;
};
