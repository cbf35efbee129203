import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { addMarketingUser } from "@keynode/tools/seed/marketing-user";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { apiOf, eventually, newEmail } from "./api.ts";
import { newTenantToken } from "./tenant.ts";

const readme = readFileSync(path.resolve(import.meta.dirname, "../README.md"), "utf8");

/** The shell block of the README that begins with this. */
const block = (start: string): string => {
  const found = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].find(([, text = ""]) => text.startsWith(start));
  if (found?.[1] === undefined) throw new Error(`README.md has no block that begins with ${start}`);
  return found[1];
};

const mainJob = block("base=");
const secondUser = block("mei=");

let folder: string;

/** A fresh tenant with the demo's second user, and the credentials where the README looks for them. */
beforeAll(async () => {
  const { baseUrl } = inject("access");
  const apiKey = await newTenantToken();
  const { tenant } = await apiOf({ baseUrl, apiKey }).get<{ tenant: { key: string } }>("/v1/me");
  const [email, password] = [newEmail(), randomUUID()];
  await addMarketingUser({ baseUrl, apiKey }, { tenant: tenant.key, email, password });
  folder = mkdtempSync(path.join(tmpdir(), "keynode-readme-"));
  mkdirSync(path.join(folder, ".keynode"));
  writeFileSync(
    path.join(folder, ".keynode", "credentials.json"),
    JSON.stringify({ baseUrl, tenant: tenant.key, apiKey, marketingEmail: email, marketingPassword: password }),
    { mode: 0o600 },
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SEPARATOR = "--- next ---";

/** Runs commands as a reader does, one after the other in one shell; answers what each printed. */
const run = async (commands: string): Promise<readonly { readonly command: string; readonly printed: string }[]> => {
  const lines = commands.trim().split("\n");
  const script = lines.map((line) => `${line}\necho; echo '${SEPARATOR}'`).join("\n");
  const { stdout } = await promisify(execFile)("bash", ["-u", "-c", script], { cwd: folder, timeout: 60_000 });
  const printed = stdout.split(SEPARATOR);
  return lines.map((command, index) => ({ command, printed: printed[index]?.trim() ?? "" }));
};

/** What a command's comment says that it shows: `403 PERMISSION_DENIED`. */
const promised = (command: string): readonly string[] => command.split(" # ")[1]?.trim().split(" ") ?? [];

test("the README's second user, by its own commands, is shown less than the first", async () => {
  const steps = await run(mainJob);
  const printedBy = (part: string): string => steps.find(({ command }) => command.includes(part))?.printed ?? "";
  expect(printedBy(":qualify")).toContain('"QUALIFIED"');
  expect(printedBy(":sign")).toContain('"status":409');
  expect(printedBy("reports/sales")).toContain('"totals"');

  // Effects in other services take moments: who is faster than they are looks again.
  const [definitions, own] = [
    mainJob.split("\n").slice(0, 3),
    steps.find(({ command }) => command.includes(":profile")),
  ];
  const ids = [
    `account=${idIn("account", printedBy(":profile"))}`,
    `contract=${idIn("contract", printedBy(":addClause"))}`,
  ];
  const looks = [...definitions, ...ids, own?.command ?? "", secondUser].join("\n");
  await eventually(
    () => run(looks),
    (shown) => {
      const [mine, ...theirs] = shown.filter(({ command }) => command.startsWith("curl"));
      expect(mine?.printed).toContain("wang.fang@acme.example");
      expect(theirs).toHaveLength(2);
      for (const { command, printed } of theirs) {
        for (const word of promised(command)) expect(printed, command).toContain(word);
        expect(printed, command).not.toContain("wang.fang@acme.example");
      }
    },
    60_000,
  );
}, 180_000);

/** The first id of a type in an answer. */
const idIn = (type: string, answer: string): string => new RegExp(`${type}_[0-9a-z]{26}`).exec(answer)?.[0] ?? "";
