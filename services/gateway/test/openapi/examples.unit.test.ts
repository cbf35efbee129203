import { fromJson } from "@bufbuild/protobuf";
import { registry } from "@keynode/contracts/descriptors";
import { examples } from "@keynode/contracts/examples";
import { expect, it } from "vitest";
import { openApiDocument } from "../../src/openapi/document.ts";
import { contractProfile } from "../../src/profile.ts";
import { contractRoutes } from "../../src/transcoder/routes.ts";

const routes = contractRoutes(registry());
const document = openApiDocument({
  registry: registry(),
  routes,
  profile: contractProfile(routes),
  version: "1.2.3",
  rateLimits: '"key";q=4;w=2',
  examples: examples(),
});
const operations = Object.values(document.paths)
  .flatMap((item) => Object.values(item))
  .filter(({ responses }) => JSON.stringify(responses["200"] ?? {}).includes('"application/json"'));

it("every example still is a call of the contract: else run `npm run examples`", () => {
  const wrong = Object.entries(examples()).flatMap(([name, { request, response }]) => {
    const [service = "", method = ""] = name.split("/");
    const described = registry()
      .getService(service)
      ?.methods.find((one) => one.name === method);
    if (described === undefined) return [`${name} is gone`];
    try {
      fromJson(described.input, request, { registry: registry() });
      fromJson(described.output, response, { registry: registry() });
      return [];
    } catch (error) {
      return [`${name}: ${String(error)}`];
    }
  });
  expect(wrong).toEqual([]);
});

it("operations show the call that a test made: most of them at least, a new one as soon as `npm run examples` saw its test", () => {
  const shown = operations.filter(({ responses }) => JSON.stringify(responses["200"] ?? {}).includes('"example":'));
  expect(shown.length / operations.length).toBeGreaterThan(0.8);
});

it("an example stands where it belongs: path and query in their parameters, the rest in the body", () => {
  const update = document.paths["/v1/leads/{id}"]?.["patch"];
  const id = update?.parameters.find((parameter) => "name" in parameter && parameter.name === "id");
  expect(id).toMatchObject({ example: expect.stringMatching(/^lead_/) });
  const body = update?.requestBody?.content["application/json"]?.example;
  expect(body).toBeTypeOf("object");
  expect(body).not.toHaveProperty("id");
  expect(document.paths["/v1/leads"]?.["get"]?.responses["200"]).toMatchObject({
    content: { "application/json": { example: { leads: expect.any(Array) } } },
  });
});

it("an example can be tried by every tenant: it names no field that one of them has made", () => {
  const own = Object.entries(examples()).filter(([, { request }]) => JSON.stringify(request).includes("customFields"));
  expect(own.map(([name]) => name)).toEqual([]);
});

it("no example holds a secret", () => {
  const text = JSON.stringify(examples());
  expect(text).not.toMatch(/"(?:password|secret|accessToken|refreshToken|credential)":"(?!an-example-is-no-secret")/);
  expect(text).not.toMatch(/eyJ[\w-]{20,}|kn_[\w-]{20,}/);
});
