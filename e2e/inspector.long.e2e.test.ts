import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newActor } from "./access/actors.ts";
import { ensureInspector, inspectorOf } from "./access/inspector.ts";
import { newTenant } from "./tenant.ts";

/** The protocol's own debugging tool at the agents' face: what it understands, agents' programs do. */

const TIMEOUT_MS = 400_000;
const { baseUrl } = inject("access");

type Content = { readonly structuredContent: Readonly<Record<string, unknown>>; readonly isError?: boolean };

let home: string;
let inspect: ReturnType<typeof inspectorOf>;

beforeAll(async () => {
  const folder = path.resolve(import.meta.dirname, "../.keynode");
  const [command, actor] = await Promise.all([
    ensureInspector(folder),
    newActor(await newTenant(), baseUrl, { "*": "ALL" }),
  ]);
  home = mkdtempSync(path.join(tmpdir(), "keynode-inspector-"));
  inspect = inspectorOf(command, home, `${baseUrl}/mcp`, actor.credential);
}, TIMEOUT_MS);

afterAll(() => rmSync(home, { recursive: true, force: true }));

const call = (name: string, ...pairs: readonly string[]): Promise<Content> =>
  inspect<Content>("tools/call", "--tool-name", name, ...pairs.flatMap((pair) => ["--tool-arg", pair]));

describe("the MCP Inspector", { timeout: TIMEOUT_MS }, () => {
  test("finds the tools, and nothing in their schemas that some agent's program would not take", async () => {
    const { tools } = await inspect<{ tools: { name: string }[] }>("tools/list", "--strict");
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["list_leads", "create_lead", "confirm"]));
  });

  test("makes a lead in two steps, and reads it as a tool's answer and as a resource", async () => {
    const { structuredContent: shown } = await call("create_lead", "name=王芳", "source=TRADE_SHOW");
    expect(shown).toMatchObject({ record: { name: "王芳", status: "NEW" } });
    expect((await call("list_leads")).structuredContent).toEqual({ leads: [] });

    const { structuredContent: made } = await call("confirm", `confirmation=${String(shown["confirmation"])}`);
    expect((await call("get_lead", `id=${String(made["id"])}`)).structuredContent).toMatchObject({ name: "王芳" });

    const uri = `keynode://leads/${String(made["id"])}`;
    const { resources } = await inspect<{ resources: { uri: string }[] }>("resources/list");
    expect(resources.map((resource) => resource.uri)).toContain(uri);
    const { resourceTemplates } = await inspect<{ resourceTemplates: { uriTemplate: string }[] }>(
      "resources/templates/list",
    );
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain("keynode://leads/{id}");
    const { contents } = await inspect<{ contents: { text: string }[] }>("resources/read", "--uri", uri);
    expect(JSON.parse(contents[0]?.text ?? "")).toMatchObject({ name: "王芳" });
  });
});
