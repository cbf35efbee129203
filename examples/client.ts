/**
 * The main job with the TypeScript client: a lead becomes a customer, a deal, a signed contract, and the report knows.
 * `node examples/client.ts` with a running Keynode; KEYNODE_CREDENTIALS names its credentials file if it lies elsewhere.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { apiKey } from "@keynode/client/credentials";
import { createKeynode } from "@keynode/client/keynode";
import { money } from "@keynode/client/money";

const access = JSON.parse(readFileSync(process.env["KEYNODE_CREDENTIALS"] ?? ".keynode/credentials.json", "utf8"));
const keynode = createKeynode({ baseUrl: access.baseUrl, credentials: apiKey(access.apiKey) });
const until = async (isDone: () => Promise<boolean>) => {
  for (let tries = 100; !(await isDone()) && tries > 0; tries -= 1) await delay(200);
};

const email = `wang.fang.${Date.now()}@acme.example`;
const { leadId = "" } = await keynode.forms.submit({ formName: "contact-us", name: "王芳", company: "Acme", email });
await keynode.leads.qualify(leadId, { note: "has budget" });
const value = money("12000", "CNY");
const { conversion } = await keynode.leads.convert(leadId, { opportunityName: "100 seats", amount: value });
const { accountId = "", opportunityId = "" } = conversion ?? {};
await until(async () => (await keynode.leads.get(leadId)).conversion?.state === "COMPLETE");
console.log("converted", accountId, opportunityId);

const contract = await keynode.contracts.create({ accountId, opportunityId, title: "100 seats", value });
const { clauses = [] } = await keynode.contracts.addClause(contract.id, { title: "Payment", text: "30 days" });
for (const party of ["OURS", "THEIRS"] as const)
  await keynode.contracts.acceptClause(contract.id, { clauseId: clauses[0]?.id ?? "", party });
const signatories = [
  { name: "Chen", party: "OURS" as const },
  { name: "王芳", party: "THEIRS" as const },
];
await keynode.contracts.sign(contract.id, { signatories });
await until(async () => (await keynode.opportunities.get(opportunityId)).status === "WON");
console.log("signed", contract.id);

const { totals } = await keynode.reports.getSalesReport({ groupBy: "NONE", currency: "CNY" });
console.log("report", totals?.wonCount, "deals won");
