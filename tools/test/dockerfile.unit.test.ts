import { readFileSync } from "node:fs";
import path from "node:path";
import { Cmd, DockerfileParser, type Instruction } from "dockerfile-ast";
import { describe, expect, it } from "vitest";
import { PRELOADED, SERVICE_ENVIRONMENT, SERVICE_OPTIONS } from "../launch/footprint.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

const pinned = /^[a-z\d./-]+:v?\d+\.\d+\.\d+([.-][a-z\d.-]+)?$/;

const dockerfile = DockerfileParser.parse(read("deploy/Dockerfile"));
const instructions = dockerfile.getInstructions();
const bases = dockerfile.getFROMs().map((from) => from.getImage() ?? "");

/** Everything after the last FROM. */
const final = instructions.slice(instructions.findLastIndex((instruction) => instruction.getKeyword() === "FROM") + 1);

/** What stands behind a keyword, on one line. */
const those = (found: readonly Instruction[], keyword: string): string[] =>
  found
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) =>
      instruction
        .getTextContent()
        .slice(keyword.length)
        .replaceAll(/\\?\s+/g, " ")
        .trim(),
    );

describe("deploy/Dockerfile", () => {
  it("pins every base", () => {
    expect(bases.filter((image) => !pinned.test(image))).toEqual([]);
  });

  it("has the Node that package.json asks for", () => {
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    const majors = new Set(bases.map((image) => Number(/^node:(\d+)\./.exec(image)?.[1])));
    expect([...majors].map((major) => `>=${major} <${major + 1}`)).toEqual([engines.node]);
  });

  it("ends as a user who is not root, by number so that Kubernetes can tell", () => {
    const keywords = final.map((instruction) => instruction.getKeyword());
    expect(those(final, "USER")).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
    expect(keywords.slice(keywords.indexOf("USER"))).toEqual(["USER", "HEALTHCHECK", "CMD"]);
  });

  it("has a health check, and starts Node without a shell, so that SIGTERM reaches it", () => {
    expect(those(final, "HEALTHCHECK")).toEqual([expect.stringMatching(/ CMD \["node", "health-check\.mjs"\]$/)]);
    const command = dockerfile.getCMDs().find((found) => found instanceof Cmd);
    expect(command?.getJSONStrings().map((part) => part.getJSONValue())).toEqual([
      "node",
      ...SERVICE_OPTIONS,
      ...PRELOADED.map((module) => `--import=${module}`),
      "service/dist/main.js",
    ]);
  });

  it("ships production dependencies and dist, and nothing of what built them", () => {
    expect(those(final, "RUN")).toEqual([]);
    expect(those(final, "COPY")).toEqual(["--from=production /app ./", "deploy/health-check.mjs ./"]);
    const installs = those(instructions, "RUN").flatMap((run) => run.match(/npm (ci|install|i)\b.*/g) ?? []);
    expect(installs).toEqual([
      'npm ci --ignore-scripts --include-workspace-root --workspace "services/${SERVICE}"',
      'npm ci --ignore-scripts --omit=dev --workspace "services/${SERVICE}"',
    ]);
  });

  it("sets what the launcher sets, and no secret", () => {
    const variables = Object.entries({ NODE_ENV: "production", ...SERVICE_ENVIRONMENT });
    expect(those(final, "ENV").flatMap((text) => text.split(/\s+/))).toEqual(
      variables.map(([name, value]) => `${name}=${value}`),
    );
    expect(new Set(those(instructions, "ARG"))).toEqual(new Set(["SERVICE"]));
  });

  it("is sent neither secrets nor local builds", () => {
    const ignored = read(".dockerignore").split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".git", ".keynode", "**/node_modules", "**/dist", "deploy/.env"]));
  });
});
