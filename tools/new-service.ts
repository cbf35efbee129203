/**
 * `npm run new:service NAME`: a service with one resource of the same name, through every layer: contract, rules, API,
 * test, container, broker user, owners. It builds, passes its test and is reachable through the gateway with no edit
 * elsewhere.
 */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type DeploymentFiles, withService } from "./deployment/add-service.ts";

const templates = path.join(import.meta.dirname, "new-service", "template");
const suffix = ".tmpl";

/** What stands for the name in templates, the longest first: `__Names__` is not `__Name__` and an s. */
const namesOf = (name: string): ReadonlyMap<string, string> => {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return new Map([
    ["__Names__", `${capital}s`],
    ["__names__", `${name}s`],
    ["__Name__", capital],
    ["__name__", name],
  ]);
};

const filled = (text: string, names: ReadonlyMap<string, string>): string =>
  [...names].reduce((result, [placeholder, value]) => result.replaceAll(placeholder, value), text);

/** Where a template's file goes: `proto/` to the contracts, the rest to the service's folder. */
const targetOf = (root: string, name: string, file: string): string =>
  file.startsWith("proto/")
    ? path.join(root, "proto", "crm", name, "v1", path.basename(file))
    : path.join(root, "services", name, file);

/** Writes a new service's files and derives what follows from them. Throws, having written nothing, when it cannot be. */
export const newService = (root: string, name: string): readonly string[] => {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name)) {
    throw new Error(`"${name}" is no name for a service: use 2 to 31 small letters and digits, a letter first.`);
  }
  if (name.endsWith("s")) throw new Error(`Name the service in the singular: its resource's collection is "${name}s".`);
  const folder = path.join(root, "services", name);
  if (existsSync(folder) || existsSync(path.join(root, "proto", "crm", name))) {
    throw new Error(`There is a service ${name} already.`);
  }
  const names = namesOf(name);
  const written = globSync(`**/*${suffix}`, { cwd: templates }).map((template) => {
    const target = targetOf(root, name, filled(template.slice(0, -suffix.length), names));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, filled(readFileSync(path.join(templates, template), "utf8"), names));
    return target;
  });
  deploy(root, name);
  explain(root, name);
  run(root, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error");
  run(root, "node", "packages/contracts/generate.mjs");
  writeFileSync(
    path.join(root, "deploy", ".env.example"),
    execFileSync("node", ["deploy/generate-env.mjs", "--example"], { cwd: root }),
  );
  run(root, "node", "--conditions=source", "tools/architecture/write-map.ts");
  run(root, path.join("node_modules", ".bin", "biome"), "format", "--write", folder);
  return written.map((file) => path.relative(root, file)).sort();
};

/** Its container, its broker user and its owners. */
const deploy = (root: string, name: string): void => {
  const read = (file: keyof DeploymentFiles) => readFileSync(path.join(root, file), "utf8");
  const files = withService(
    {
      "docker-compose.yml": read("docker-compose.yml"),
      "deploy/nats/nats.conf": read("deploy/nats/nats.conf"),
      CODEOWNERS: read("CODEOWNERS"),
    },
    name,
  );
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(root, file), text);
};

/** Its word in the glossary, for the squad to explain. */
const explain = (root: string, name: string): void => {
  const file = path.join(root, "docs", "glossary.md");
  const heading = "## Words of new services";
  const text = readFileSync(file, "utf8");
  const section = text.includes(heading)
    ? text
    : `${text.trimEnd()}\n\n${heading}\n\n| 中文 | English | Identifier | Meaning |\n|---|---|---|---|\n`;
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  writeFileSync(
    file,
    `${section}| 新服务 ${name} | ${name} | \`${capital}\` | The resource of the service ${name} |\n`,
  );
};

const run = (root: string, program: string, ...args: readonly string[]): void => {
  execFileSync(program, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
};

const main = (): number => {
  const [name = ""] = process.argv.slice(2);
  try {
    const root = path.resolve(import.meta.dirname, "..");
    for (const file of newService(root, name)) console.log(file);
    console.log(`\nservices/${name} is there: npm test -- services/${name}`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
};

if (import.meta.main) process.exitCode = main();
