import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { generateKeyPair } from "@keynode/auth/key-pair";
import { expect, it, onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

const run = async (env: Record<string, string>, args: readonly string[] = []) => {
  const { privateJwk } = await generateKeyPair();
  const child: ChildProcess = spawn(process.execPath, ["--conditions=source", MAIN, ...args], {
    env: { PATH: process.env["PATH"], HTTP_PORT: "0", INTERNAL_KEY: JSON.stringify(privateJwk), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let output = "";
  child.stdout?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (output += String(chunk)));
  return { child, output: () => output, secret: privateJwk.d ?? "" };
};

it("starts without any service, serves, and ends with 0 when told to", async () => {
  const { child, output } = await run({});
  await expect.poll(output, { timeout: 20_000 }).toContain('"msg":"ready"');
  const port = /"port":(\d+)/.exec(output())?.[1];
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(output()).toContain('"msg":"stopped"');
});

it("refuses a configuration that does not fit, naming each bad variable and no secret", async () => {
  const { child, output, secret } = await run({ HTTP_PORT: "http", DEADLINE_MS: "soon", UPSTREAMS: "lead" });
  expect(await once(child, "exit")).toEqual([78, null]);
  for (const name of ["HTTP_PORT", "DEADLINE_MS", "UPSTREAMS"]) expect(output()).toContain(name);
  expect(output()).not.toContain(secret);
});

it("prints its configuration with secrets masked", async () => {
  const { child, output, secret } = await run({}, ["--print-config"]);
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(output()).toContain("INTERNAL_KEY=***");
  expect(output()).not.toContain(secret);
});
