import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { z } from "zod";

const usage = `npm run audit:verify -- [--service NAME] [--from DAY] [--until DAY]

Checks the audit trail's chains of a running installation day by day, and ends with 1 when one is broken, with 2 when it
cannot tell. Days as 2026-11-23, in UTC; left out, the last month. KEYNODE_URL and KEYNODE_API_KEY name another
installation than the one that \`npm start\` runs here.
`;

const access = z.object({ baseUrl: z.url(), apiKey: z.string().min(1) });

const verdict = z.object({
  service: z.string(),
  day: z.string(),
  state: z.enum(["INTACT", "BROKEN", "PURGED"]),
  fault: z.string().default(""),
  entryId: z.string().default(""),
  sequence: z.string().default(""),
  entryCount: z.string().default("0"),
  open: z.boolean().default(false),
  root: z.string().default(""),
  signatureChecked: z.boolean().default(false),
});

type Verdict = z.output<typeof verdict>;

/** The line that tells of one day. */
export const lineOf = (found: Verdict): string => {
  const { service, day, state, fault, entryId, sequence, entryCount, open, root, signatureChecked } = found;
  const place = [fault, entryId, sequence === "" ? "" : `at place ${sequence}`].filter((part) => part !== "").join(" ");
  const notes = [
    `${entryCount} entries`,
    ...(open ? ["not over yet"] : []),
    ...(state === "BROKEN" ? [place] : [`root ${root}`]),
    ...(state !== "BROKEN" && !signatureChecked ? ["signed by a key that is not known here"] : []),
  ];
  return `${state.padEnd(6)}  ${day}  ${service.padEnd(12)}  ${notes.join(", ")}`;
};

/** Where to ask, and as whom. */
const readAccess = (): z.output<typeof access> => {
  const { KEYNODE_URL: baseUrl, KEYNODE_API_KEY: apiKey, KEYNODE_HOME: home = ".keynode" } = process.env;
  if (baseUrl !== undefined && apiKey !== undefined) return access.parse({ baseUrl, apiKey });
  const file = path.join(home, "credentials.json");
  if (!existsSync(file))
    throw new Error(`${file} is missing: start the installation, or set KEYNODE_URL and KEYNODE_API_KEY`);
  return access.parse(JSON.parse(readFileSync(file, "utf8")));
};

const midnight = (day: string): string => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`${day} is no day such as 2026-11-23`);
  return `${day}T00:00:00Z`;
};

const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      service: { type: "string" },
      from: { type: "string" },
      until: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { baseUrl, apiKey } = readAccess();
  const query = new URLSearchParams({
    ...(values.service !== undefined && { service: values.service }),
    ...(values.from !== undefined && { fromTime: midnight(values.from) }),
    ...(values.until !== undefined && { untilTime: midnight(values.until) }),
  });
  const response = await fetch(`${baseUrl}/v1/auditEntries:verify?${query.toString()}`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  if (!response.ok || response.body === null) throw new Error(`${response.status}: ${await response.text()}`);
  let days = 0;
  let broken = 0;
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
    const answer: unknown = JSON.parse(line);
    if (typeof answer === "object" && answer !== null && "error" in answer)
      throw new Error(JSON.stringify(answer.error));
    const found = verdict.parse(answer);
    days += 1;
    if (found.state === "BROKEN") broken += 1;
    process.stdout.write(`${lineOf(found)}\n`);
  }
  process.stdout.write(`${days} days of chains checked, ${broken} broken\n`);
  return broken === 0 ? 0 : 1;
};

if (process.argv[1] === import.meta.filename) {
  process.exitCode = await run().catch((error: unknown) => {
    process.stderr.write(`audit:verify: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  });
}
