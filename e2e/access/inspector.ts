import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const VERSION = "2.12.0";
const INSTALL_TIMEOUT_MS = 300_000;
const CALL_TIMEOUT_MS = 120_000;
const MAX_BYTES = 16 * 1024 * 1024;

const run = promisify(execFile);

/**
 * The command line of the MCP Inspector of this version, installed below the folder when it is not there yet: it brings a
 * hundred packages, a web application among them, that nothing else here needs. Scripts of theirs are not run.
 */
export const ensureInspector = async (folder: string): Promise<string> => {
  const home = path.join(folder, `mcp-inspector-${VERSION}`);
  const command = path.join(
    home,
    "node_modules",
    "@modelcontextprotocol",
    "inspector",
    "clients/launcher/build/index.js",
  );
  if (existsSync(command)) return command;
  const draft = `${home}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  writeFileSync(path.join(draft, "package.json"), '{"private": true}\n');
  const wanted = `@modelcontextprotocol/inspector@${VERSION}`;
  await run(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", "--save-exact", wanted],
    {
      cwd: draft,
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: MAX_BYTES,
    },
  );
  renameSync(draft, home);
  return command;
};

/** What the Inspector prints of one call of a server's method; throws with what it says where it does not succeed. */
export const inspectorOf =
  (command: string, home: string, url: string, credential: string) =>
  async <Answer>(method: string, ...options: readonly string[]): Promise<Answer> => {
    const args = [command, "--cli", url, "--transport", "http", "--header", `Authorization: Bearer ${credential}`];
    // It keeps a catalogue of servers at home, which is not ours to write in.
    const { stdout } = await run(process.execPath, [...args, "--method", method, ...options], {
      env: { ...process.env, HOME: home, MCP_CATALOG_PATH: path.join(home, "catalog.json") },
      timeout: CALL_TIMEOUT_MS,
      maxBuffer: MAX_BYTES,
    });
    return JSON.parse(stdout) as Answer;
  };
