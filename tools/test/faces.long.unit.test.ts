import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
let copy: string;

const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, { cwd: copy, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
const read = (file: string): string => readFileSync(path.join(copy, file), "utf8");

beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), "keynode-faces-"));
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  for (const file of files) cpSync(path.join(root, file), path.join(copy, file));
  execFileSync("cp", ["-a", "--reflink=auto", path.join(root, "node_modules"), path.join(copy, "node_modules")]);
}, 300_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }), 120_000);

/** Prints the schemas of the documents and of the tool that the copy's gateway would serve. */
const DOCUMENTS = `
import { registry } from "@keynode/contracts/descriptors";
import { asyncApiDocument } from "@keynode/gateway/asyncapi/document";
import { contractTools } from "@keynode/gateway/mcp/tool";
import { createToolSchemas } from "@keynode/gateway/mcp/tool-schema";
import { openApiDocument } from "@keynode/gateway/openapi/document";
import { contractRoutes } from "@keynode/gateway/transcoder/routes";
const routes = contractRoutes(registry());
const openApi = openApiDocument({
  registry: registry(),
  routes,
  profile: undefined,
  version: "0",
  rateLimits: "",
  examples: {},
});
const documents = [openApi, asyncApiDocument(registry(), "0")].map(({ components }) => components.schemas.Lead);
const tools = contractTools(routes);
const schemas = createToolSchemas(registry());
const tool = (name) => tools.find((one) => one.name === name);
const told = [...documents, schemas.input(tool("create_lead"))];
console.log(JSON.stringify({ told, checked: schemas.answer(tool("get_lead")) }));
`;

it("one field in one proto shows in every face, with no other edit", () => {
  const proto = "proto/crm/lead/v1/lead.proto";
  const field = `  // What friends call the person.
  string nickname = 900 [
    (google.api.field_behavior) = OPTIONAL,
    (buf.validate.field).string.max_len = 50
  ];
`;
  const text = read(proto);
  const end = text.lastIndexOf("}");
  writeFileSync(path.join(copy, proto), `${text.slice(0, end)}\n${field}${text.slice(end)}`);
  run("packages/contracts/generate.mjs");
  run("--conditions=source", "tools/client/generate.ts");

  const grpc = read("packages/contracts/src/crm/lead/v1/lead.ts");
  expect(grpc).toContain("  nickname: string;");
  const script = path.join(copy, "tools", "documents.ts");
  writeFileSync(script, DOCUMENTS);
  const { told, checked } = JSON.parse(run("--conditions=source", script));
  const nickname = { type: "string", maxLength: 50 };
  for (const schema of told) {
    expect(schema.properties.nickname).toEqual({ ...nickname, description: "What friends call the person." });
  }
  // What an agent's program checks answers by says no word more than it needs.
  expect(checked.properties.nickname).toEqual(nickname);
  expect(read("packages/client/src/types/lead.ts")).toContain(
    "/** What friends call the person. */\n  nickname?: string;",
  );
}, 120_000);
