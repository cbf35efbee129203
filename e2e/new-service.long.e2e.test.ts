import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apiOf } from "./api.ts";

const root = path.resolve(import.meta.dirname, "..");
let copy: string;

/** A program in the copy, whose own modules decide what it runs; what it prints shows only when it fails. */
const run = (program: string, ...args: readonly string[]) => {
  const { KEYNODE_BUILT: _, ...env } = process.env;
  return execFileSync(program, args, { cwd: copy, env: { ...env, TURBO_TELEMETRY_DISABLED: "1" }, encoding: "utf8" });
};
const tool = (name: string) => path.join("node_modules", ".bin", name);

beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), "keynode-new-service-"));
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  for (const file of files) cpSync(path.join(root, file), path.join(copy, file));
  execFileSync("cp", ["-a", "--reflink=auto", path.join(root, "node_modules"), path.join(copy, "node_modules")]);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

it("npm run new:service gives a service that builds, passes its tests and is reachable, with no edit elsewhere", async () => {
  run("node", "--conditions=source", "tools/new-service.ts", "parcel");
  run(tool("tsc"), "-p", "tsconfig.json");
  run(tool("buf"), "lint");
  run(tool("turbo"), "run", "build", "--output-logs=errors-only");
  run(
    tool("vitest"),
    "run",
    "services/parcel",
    "packages/contracts",
    "tools/test/containers",
    "tools/test/architecture",
    "tools/test/docs",
  );

  const { startStack } = await import(path.join(copy, "e2e", "stack.ts"));
  const stack = await startStack();
  try {
    const api = apiOf(stack.access);
    const made = await api.post<{ id: string; title: string }>("/v1/parcels", { title: "First" });
    expect(made).toMatchObject({ id: expect.stringMatching(/^parcel_/), title: "First" });
    expect(await api.get("/v1/parcels")).toMatchObject({ parcels: [{ id: made.id }] });
    expect(JSON.stringify(await api.get("/openapi.json"))).toContain("/v1/parcels/{id}");
  } finally {
    await stack.stop();
  }
}, 600_000);
