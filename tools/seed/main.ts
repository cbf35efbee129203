import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type LoadReport, loadDataset } from "./load-dataset.ts";
import { addMarketingUser } from "./marketing-user.ts";
import { reportInHistoryCurrency } from "./report-currency.ts";
import { showProgress } from "./progress.ts";

const root = path.resolve(import.meta.dirname, "../..");

const usage = `node --conditions=source tools/seed/main.ts [FOLDER] [--sample N] [--credentials FILE]

Loads a sales history through the public API, and makes the second user whom the credentials name. A repeat loads
nothing twice.
  FOLDER              the CSV files (default: examples/crm-sales-opportunities)
  --sample N          load N deals, spread evenly over the history
  --credentials FILE  JSON with baseUrl, apiKey and the second user's sign-in (default: .keynode/credentials.json)
`;

const credentialsSchema = z.object({
  baseUrl: z.url(),
  apiKey: z.string().min(1),
  tenant: z.string().optional(),
  marketingEmail: z.string().optional(),
  marketingPassword: z.string().optional(),
});

const summary = ({ complete, accepted, present, cleaned }: LoadReport, seconds: number): string => {
  const changes = cleaned.map(
    ({ file, column, from, to, rows }) => `  ${file}.${column}: "${from}" → "${to}" in ${rows} rows`,
  );
  const outcome = complete
    ? `all ${present} records are there already`
    : `${accepted} records loaded, ${present} were there already, in ${seconds.toFixed(1)} s`;
  return [outcome, ...(complete ? [] : ["cleaned:", ...changes])].join("\n");
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { sample: { type: "string" }, credentials: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const folder = path.resolve(positionals[0] ?? path.join(root, "examples/crm-sales-opportunities"));
  const file = values.credentials ?? path.join(root, ".keynode/credentials.json");
  const credentials = credentialsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const { baseUrl, apiKey, tenant, marketingEmail: email, marketingPassword: password } = credentials;
  const sample = values.sample === undefined ? undefined : z.coerce.number().int().positive().parse(values.sample);

  const started = performance.now();
  await reportInHistoryCurrency({ baseUrl, apiKey });
  if (tenant !== undefined && email !== undefined && password !== undefined) {
    await addMarketingUser({ baseUrl, apiKey }, { tenant, email, password });
  }
  const report = await loadDataset({
    baseUrl,
    apiKey,
    folder,
    ...(sample === undefined ? {} : { sample }),
    onProgress: showProgress(process.stdout),
  });
  console.log(summary(report, (performance.now() - started) / 1000));
};

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
