import { registry } from "@keynode/contracts/descriptors";
import { describe, expect, it } from "vitest";
import { contractTools, toolName } from "../../src/mcp/tool.ts";
import { createToolSchemas } from "../../src/mcp/tool-schema.ts";
import { contractRoutes, type Route } from "../../src/transcoder/routes.ts";

const routes = contractRoutes(registry());
const tools = contractTools(routes);
const tool = (name: string) => {
  const found = tools.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no tool ${name}`);
  return found;
};

describe("the tools of the contract", () => {
  it("are tens, not hundreds, and have the names of their methods", () => {
    expect(tools.length).toBeGreaterThan(40);
    expect(tools.length).toBeLessThan(80);
    expect(toolName("RespondToKeyNode")).toBe("respond_to_key_node");
    for (const { name } of tools) expect(name).toMatch(/^[a-z][a-z_]{1,63}$/);
  });

  it("each say in a line what they are for", () => {
    for (const { title, description } of tools) {
      expect(title.length).toBeGreaterThan(5);
      expect(title.length).toBeLessThan(150);
      expect(description.replaceAll("\n", " ").startsWith(title)).toBe(true);
    }
  });

  it("are no methods that cannot be called so", () => {
    const asTool = (name: string): Route => {
      const route = routes.find((one) => one.name.endsWith(`/${name}`));
      if (route === undefined) throw new Error(`no route ${name}`);
      return { ...route, rules: { ...route.rules, tool: true } };
    };
    const refused = ["SignIn", "StreamEvents", "ListDeadLetters", "GetScimUser", "CreateApiKey"].map(asTool);
    for (const route of refused) expect(() => contractTools([route]), route.name).toThrow(route.name);
  });
});

describe("what a tool takes", () => {
  const { input } = createToolSchemas(registry());

  it("is the path's, the query's and the body's in one, with the rules that the contract has", () => {
    const schema = input(tool("update_lead"));
    expect(schema.required).toEqual(["id"]);
    expect(schema.properties).toMatchObject({ email: {}, company: { maxLength: expect.any(Number) as number } });
    expect(Object.keys(schema.properties ?? {})).not.toContain("createTime");
    expect(Object.keys(schema.properties ?? {})).not.toContain("updateMask");
  });

  it("demands what the contract demands", () => {
    expect(input(tool("create_lead")).required).toEqual(expect.arrayContaining(["name"]));
    expect(input(tool("create_contact")).required).toContain("accountId");
  });

  it("is small enough for an agent to read with all others", () => {
    const size = tools.reduce((total, one) => total + JSON.stringify(input(one)).length + one.description.length, 0);
    expect(size).toBeLessThan(160_000);
  });
});
