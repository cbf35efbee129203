import { spawn } from "node:child_process";
import path from "node:path";

const FORWARDED = ["SIGTERM", "SIGHUP", ...(process.stdin.isTTY ? [] : ["SIGINT"])];

const forTerminal = (seconds) => `${seconds.toFixed(1)} s`;

/**
 * Runs one step of a task and answers its exit code. `program` is `node` or a command of the dependencies. A step
 * with a `title` is quiet unless it fails; one with `owned` stops when this process ends, however it ends.
 */
export const runStep = ({ program, args, title, owned = false, env = {} }, { root, node }) =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const bins = [path.dirname(node), path.join(root, "node_modules/.bin"), process.env.PATH ?? ""];
    const output = title === undefined ? "inherit" : "pipe";
    const child = spawn(program === "node" ? node : program, args, {
      cwd: root,
      // npm told its own Node to the scripts.
      env: { ...process.env, NODE: node, npm_node_execpath: node, PATH: bins.join(path.delimiter), ...env },
      stdio: ["inherit", output, output, ...(owned ? ["ipc"] : [])],
      shell: process.platform === "win32" && program !== "node",
    });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => chunks.push(chunk));

    // In a terminal Ctrl-C reaches the child as well; we only wait for it.
    const ignore = () => {};
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", ignore);
    for (const signal of FORWARDED) process.on(signal, forward);
    child.once("error", (error) => reject(new Error(`${program} cannot be run: ${error.message}`)));
    child.once("close", (code, signal) => {
      process.removeListener("SIGINT", ignore);
      for (const name of FORWARDED) process.removeListener(name, forward);
      const took = forTerminal((performance.now() - started) / 1000);
      if (title !== undefined) {
        console.log(`${code === 0 ? "ok" : "FAILED"} ${title} (${took})`);
        if (code !== 0) process.stdout.write(Buffer.concat(chunks));
      }
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
