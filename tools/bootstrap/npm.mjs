import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

/** npm says what is wrong in its first lines or its last. */
const SHOWN_LINES = 12;

const excerpt = (output) => {
  const lines = output.trim().split("\n");
  if (lines.length <= 2 * SHOWN_LINES) return lines.join("\n");
  return [...lines.slice(0, SHOWN_LINES), "…", ...lines.slice(-SHOWN_LINES)].join("\n");
};

/** npm as the file that called us, as the one beside the running Node, or as found on PATH. */
const npmCommand = (node) => {
  const files = [
    process.env.npm_execpath ?? "",
    path.join(path.dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js"),
    path.join(path.dirname(process.execPath), "node_modules/npm/bin/npm-cli.js"),
  ];
  const cli = files.find((file) => path.basename(file) === "npm-cli.js" && existsSync(file));
  return cli === undefined ? { program: "npm", leading: [] } : { program: node, leading: [cli] };
};

const runNpm = (args, { cwd, node, env = {} }) =>
  new Promise((resolve, reject) => {
    const { program, leading } = npmCommand(node);
    const child = spawn(program, [...leading, ...args], {
      cwd,
      env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ""}`, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32" && program === "npm",
    });
    let answer = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      answer += chunk;
      output += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
    });
    child.once("error", (error) => reject(new Error(`npm cannot be run: ${error.message}`)));
    child.once("close", (code) => {
      if (code === 0) return resolve(answer.trim());
      reject(new Error(`npm ${args[0]} failed in ${cwd}:\n${excerpt(output)}`));
    });
  });

/**
 * Runs npm under `node`, quietly; throws with an excerpt of its output when it fails. npm looks for the machine's
 * configuration beside the Node that runs it, so it is told where that of the machine's own Node is.
 */
export const npm = async (args, { cwd, node }) => {
  const globalConfig =
    process.env.npm_config_globalconfig ??
    (await runNpm(["config", "get", "globalconfig"], { cwd, node: process.execPath }));
  await runNpm(args, { cwd, node, env: { npm_config_globalconfig: globalConfig } });
};
