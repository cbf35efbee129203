import { describe, expect, it } from "vitest";
import { parsePathTemplate, pathValues } from "../../src/transcoder/path-template.ts";

describe("parsePathTemplate", () => {
  it.each([
    ["/v1/leads", "v1 leads", [], ""],
    ["/v1/leads:batchCreate", "v1 leads", [], "batchCreate"],
    ["/v1/leads/{id}", "v1 leads *", [["id", 2, 3]], ""],
    ["/v1/leads/{lead.id}:convert", "v1 leads *", [["lead.id", 2, 3]], "convert"],
    ["/v1/{name=leads/*}:convert", "v1 leads *", [["name", 1, 3]], "convert"],
    [
      "/v1/{a=x/*}/{b=y/*/z}",
      "v1 x * y * z",
      [
        ["a", 1, 3],
        ["b", 3, 6],
      ],
      "",
    ],
    ["/v1/{path=**}", "v1 **", [["path", 1, undefined]], ""],
    ["/v1/{path=files/**}:read", "v1 files **", [["path", 1, undefined]], "read"],
    ["/v1/*/things", "v1 * things", [], ""],
  ])("%s", (text, shape, variables, verb) => {
    const template = parsePathTemplate(text);
    const words = { any: "*", rest: "**" };
    expect(template.segments.map((one) => (one.kind === "literal" ? one.text : words[one.kind])).join(" ")).toBe(shape);
    expect(template.variables.map(({ field, from, to }) => [field.join("."), from, to])).toEqual(variables);
    expect(template.verb).toBe(verb);
  });

  it.each([
    "",
    "v1",
    "/",
    "/v1/",
    "/v1//x",
    "/v1/{id",
    "/v1/{}",
    "/v1/{id=}",
    "/v1/{a}/{a}",
    "/v1/**/x",
    "/v1/{Id}",
    "/v1:",
    "/v1:a:b",
    "/v1:a/b",
    "/v1/a b",
  ])("%j is no template", (text) => {
    expect(() => parsePathTemplate(text)).toThrow(JSON.stringify(text));
  });
});

describe("pathValues", () => {
  it("decodes a single segment whole, several segment by segment", () => {
    const values = (template: string, path: string) =>
      pathValues(parsePathTemplate(template), path.slice(1).split("/"));
    expect(values("/v1/leads/{id}", "/v1/leads/a%2Fb%3A%E5%AE%A2")).toEqual(["a/b:客"]);
    expect(values("/v1/{name=leads/*}/x/{id}", "/v1/leads/a%20b/x/c")).toEqual(["leads/a b", "c"]);
    expect(values("/v1/{path=files/**}", "/v1/files/a/b/c%20d")).toEqual(["files/a/b/c d"]);
    expect(() => values("/v1/leads/{id}", "/v1/leads/%zz")).toThrow(URIError);
  });
});
