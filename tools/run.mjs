/**
 * Entry of every npm script: `node tools/run.mjs TASK [ARGUMENT...]`. Runs under any Node from 20 on and needs
 * nothing installed: it gets the Node and the dependencies that the repository pins, then runs the task with them.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDependencies } from "./bootstrap/dependencies.mjs";
import { withLock } from "./bootstrap/lock.mjs";
import { ensureNode } from "./bootstrap/node-runtime.mjs";
import { runStep } from "./bootstrap/step.mjs";
import { tasks } from "./tasks.mjs";

const root = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const folder = path.join(root, ".keynode");
const [name = "", ...args] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;

const main = async () => {
  if (task === undefined) {
    console.error(`Usage: node tools/run.mjs TASK [ARGUMENT...]\nTasks: ${Object.keys(tasks).join(", ")}`);
    return 2;
  }
  const node = await withLock(path.join(folder, "bootstrap.lock"), async () => {
    const binary = await ensureNode({ folder });
    await ensureDependencies({ root, folder, node: binary });
    return binary;
  });
  let worst = 0;
  for (const step of task(args, { root })) {
    const code = await runStep(step, { root, node });
    if (code !== 0 && !step.goOn) return code;
    worst = Math.max(worst, code);
  }
  return worst;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
