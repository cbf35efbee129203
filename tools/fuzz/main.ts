/** `npm run fuzz`: starts an installation of its own and lets schemathesis loose on its API, as its OpenAPI document tells it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { startKeynode } from "../launch/keynode.ts";
import { discoverServices } from "../launch/services.ts";
import { ensureSchemathesis } from "./schemathesis.ts";

const USAGE = `npm run fuzz -- [--minutes N] [--short] [-- OPTION...]

  --minutes N  for how long; 30 is the default
  --short      a bit of everything within two minutes, always by the same seed: part of every build
  OPTION       goes to schemathesis, for example --seed=1 --include-tag=Lead
`;

const root = path.resolve(import.meta.dirname, "../..");
const DEFAULT_MINUTES = 30;
/** The short form's share of a build that must not take long: all phases divide it, and starting comes on top. */
const SHORT_S = 90;
/** A build that fails can be run again, and fails again. */
const SHORT_SEED = 20_260_101;
/** In Python 3.11 as Debian has it, two threads that parse at once can break one another ("AST constructor recursion depth mismatch"). */
const WORKERS = 1;
/** Schemathesis finishes what it has begun; then it is over, whatever it says. */
const GRACE_S = 180;

/** Limits of the fuzzed installation: refusals of the limiter would hide all others, and a stream must end. */
const ENVIRONMENT = {
  RATE_LIMIT_KEY_PER_S: "1000000",
  RATE_LIMIT_TENANT_PER_S: "1000000",
  RATE_LIMIT_ADDRESS_PER_S: "1000000",
  STREAM_LIMIT_MS: "1000",
  ACCESS_LOG: "false",
};

type Installation = Awaited<ReturnType<typeof startKeynode>>;

const start = (home: string): Promise<Installation> =>
  startKeynode({
    services: discoverServices(root),
    settings: {
      home,
      httpHost: "127.0.0.1",
      httpPort: undefined,
      mongodbPort: undefined,
      natsPort: undefined,
      logLevel: "warn",
    },
    temporary: true,
    environment: { ...process.env, ...ENVIRONMENT },
    log: (line) => process.stderr.write(`${line}\n`),
  });

const fuzz = async (
  home: string,
  { baseUrl, credentialsFile }: Installation,
  seconds: number,
  options: readonly string[],
) => {
  const command = await ensureSchemathesis(path.join(root, ".keynode"));
  const { apiKey } = JSON.parse(readFileSync(credentialsFile, "utf8"));
  const config = path.join(root, "tools", "fuzz", "schemathesis.toml");
  const schemathesis = spawn(
    command,
    [
      "--config-file",
      config,
      "run",
      `${baseUrl}/openapi.json`,
      "--header",
      `Authorization: Bearer ${apiKey}`,
      "--checks=all",
      "--phases=examples,coverage,fuzzing,stateful",
      `--workers=${WORKERS}`,
      `--max-time=${seconds}`,
      "--warnings=off",
      ...options,
    ],
    // Where it keeps what it learns: nothing of another installation.
    { cwd: home, stdio: "inherit", timeout: (seconds + GRACE_S) * 1_000 },
  );
  const [code, signal] = await once(schemathesis, "exit");
  if (signal !== null) process.stderr.write(`schemathesis was ended by ${signal}\n`);
  return code === 0;
};

/** Faults that no answer tells of: what services wrote into their logs, as they log warnings and worse. */
const showLogs = (home: string): void => {
  const folder = path.join(home, "log");
  for (const file of readdirSync(folder)) {
    const lines = readFileSync(path.join(folder, file), "utf8")
      .split("\n")
      .filter((line) => /"level":(50|60)/.test(line));
    for (const line of lines.slice(0, 20)) process.stderr.write(`${file}: ${line.slice(0, 2_000)}\n`);
  }
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: String(DEFAULT_MINUTES) },
      short: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (values.help || !(minutes > 0)) {
    process.stdout.write(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const home = mkdtempSync(path.join(tmpdir(), "keynode-fuzz-"));
  const installation = await start(home);
  try {
    const isClean = values.short
      ? await fuzz(home, installation, SHORT_S, [`--seed=${SHORT_SEED}`, ...positionals])
      : await fuzz(home, installation, Math.ceil(minutes * 60), positionals);
    if (!isClean) process.exitCode = 1;
    showLogs(home);
  } finally {
    await installation.stop();
    rmSync(home, { recursive: true, force: true });
  }
};

await main();
