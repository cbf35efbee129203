/**
 * `npm start`, once everything is built: starts engines and services, loads the demo tenant's history, and stays until it
 * is told to stop. The bootstrap runs it in the repository's root.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { type Keynode, startKeynode } from "./launch/keynode.ts";
import { seed } from "./launch/seed.ts";
import { discoverServices, GATEWAY } from "./launch/services.ts";
import { readSettings } from "./launch/settings.ts";

const USAGE = `npm start -- [--no-build] [--no-seed] [--sample N]

  --no-build   run what is built already
  --no-seed    do not load the demo tenant's sales history
  --sample N   load N of its deals

Environment: KEYNODE_HOME, KEYNODE_HTTP_HOST, KEYNODE_HTTP_PORT, KEYNODE_MONGODB_PORT, KEYNODE_NATS_PORT,
KEYNODE_CACHE, MONGODB_URI, NATS_URL, LOG_LEVEL; other variables reach the services.
`;

/** A second signal this soon is the same one: a terminal signals the whole group, and npm passes its own on. */
const SAME_SIGNAL_MS = 1_000;

const root = process.cwd();
const log = (line: string) => console.log(line);

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      seed: { type: "boolean", default: true },
      sample: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const started = performance.now();
  let keynode: Keynode | undefined;
  let toldAt = Number.POSITIVE_INFINITY;

  const stop = () => {
    const now = Date.now();
    if (now - toldAt > SAME_SIGNAL_MS) process.exit(1);
    if (toldAt <= now) return;
    toldAt = now;
    // Not up yet: what has been started stops with this process.
    if (keynode === undefined) process.exit(0);
    log("Stopping.");
    void keynode.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log(error instanceof Error ? error.message : String(error));
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  // The bootstrap ended without a word.
  process.on("disconnect", stop);

  const settings = readSettings(root);
  keynode = await startKeynode({ services: discoverServices(root), settings, log });

  const gateway = keynode.services.get(GATEWAY);
  const up = gateway?.pid() !== undefined;
  const file = path.relative(process.cwd(), keynode.credentialsFile);
  log(
    `${up ? `Keynode answers at ${keynode.baseUrl}` : "Keynode runs without its gateway"} (${((performance.now() - started) / 1000).toFixed(1)} s). Credentials: ${file}`,
  );
  if (up && values.seed) await seed(root, keynode.credentialsFile, values.sample);
  log("Ctrl-C stops it.");
};

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
