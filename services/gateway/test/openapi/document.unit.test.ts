import { examples } from "@keynode/contracts/examples";
import { registry as contractRegistry } from "@keynode/contracts/descriptors";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../src/openapi/document.ts";
import { contractProfile } from "../../src/profile.ts";
import { contractRoutes } from "../../src/transcoder/routes.ts";
import { fixtureRegistry } from "../fixtures/registry.ts";

const build = (registry: ReturnType<typeof fixtureRegistry>) => {
  const routes = contractRoutes(registry);
  return {
    routes,
    document: openApiDocument({
      registry,
      routes,
      profile: contractProfile(routes),
      version: "1.2.3",
      rateLimits: '"key";q=4;w=2',
      examples: examples(),
    }),
  };
};

const { routes, document } = build(contractRegistry());
const fixture = build(fixtureRegistry()).document;

const operationOf = (path: string, verb: string) => {
  const operation = fixture.paths[path]?.[verb];
  if (!operation) throw new Error(`no ${verb} ${path}`);
  return operation;
};

const parameters = (path: string, verb: string) =>
  operationOf(path, verb).parameters.map((one) =>
    "name" in one ? `${one.in} ${one.name}` : one.$ref.split("/").at(-1),
  );

describe("the document of the contracts", () => {
  it("is OpenAPI 3.1 by its meta schema, as is the fixture's", async () => {
    for (const one of [document, fixture]) {
      const result = await new Validator().validate(JSON.parse(JSON.stringify(one)));
      expect(result.errors).toBeUndefined();
      expect(result.valid).toBe(true);
    }
  });

  it("says how a sensitive field is masked, in a form that its schema takes", () => {
    type Schema = { properties?: Record<string, { description?: string; pattern?: string; format?: string }> };
    const { phone, email, name } = (document.components.schemas["Lead"] as Schema).properties ?? {};
    expect(phone?.description).toContain("`leads.readSensitive`");
    const masked = /`(\+86138[^`]+)`/.exec(phone?.description?.slice(phone.description.indexOf("masked")) ?? "")?.[1];
    expect(masked).toMatch(new RegExp(phone?.pattern ?? "^$"));
    expect(email?.description).toContain("`w***@example.com`");
    expect(name?.description).not.toContain("readSensitive");
  });

  it("tells of the pages that send browsers to an identity provider and take them back", () => {
    const start = document.paths["/v1/auth/oidc/{provider}/start"]?.["get"];
    const names = start?.parameters.map((one) =>
      "name" in one ? `${one.in} ${one.name}` : one.$ref.split("/").at(-1),
    );
    expect(names).toEqual(["path provider", "query returnTo", "AcceptLanguage"]);
    const callback = document.paths["/v1/auth/oidc/callback"]?.["get"];
    for (const operation of [start, callback]) {
      expect(operation?.security).toEqual([]);
      expect(operation?.responses["303"]).toMatchObject({ headers: { Location: expect.any(Object) } });
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(["400", "401", "403", "409"]));
    }
    expect(callback?.description).toContain("SIGN_ON_EXPIRED");
  });

  it("holds every route, and beyond them the profile, the tenant's own document and the way through an identity provider only", () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    expect(operations).toHaveLength(routes.length + 4);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it("leads every reference somewhere", () => {
    for (const one of [document, fixture]) {
      const text = JSON.stringify(one);
      for (const [, pointer = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
        let at: unknown = one;
        for (const key of pointer.split("/"))
          at = typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined;
        expect(at, pointer).toBeTypeOf("object");
      }
    }
  });

  it("describes every operation, and names a permission unless the method is public", () => {
    for (const item of Object.values(document.paths)) {
      for (const operation of Object.values(item)) {
        expect(operation.summary.length, operation.operationId).toBeGreaterThan(5);
        expect(operation["x-permission"] !== undefined || operation.security !== undefined, operation.operationId).toBe(
          true,
        );
      }
    }
  });
});

describe("an operation", () => {
  it("shares its path with the record's other methods, whatever their fields are called", () => {
    expect(Object.keys(fixture.paths["/v1/things/{id}"] ?? {})).toEqual(["get", "patch"]);
    expect(parameters("/v1/things/{id}", "patch")).toEqual([
      "path id",
      "query updateMask",
      "IdempotencyKey",
      "IfMatch",
      "ValidateOnly",
      "AcceptLanguage",
      "Prefer",
    ]);
  });

  it("that changes a record which no path names says that it may have changed meanwhile", () => {
    const { parameters: taken, responses } = document.paths["/v1/securitySettings"]?.["patch"] ?? {};
    expect(taken).toContainEqual({ $ref: "#/components/parameters/IfMatch" });
    expect(responses).toHaveProperty("412");
    expect(document.paths["/v1/leads"]?.["post"]?.responses).not.toHaveProperty("412");
  });

  it("unfolds messages into query parameters, and leaves out what no parameter can hold", () => {
    expect(parameters("/v1/things", "get").filter((name) => name?.startsWith("query"))).toEqual(
      [
        "pageSize",
        "pageToken",
        "filter",
        "kinds",
        "minPrice.currencyCode",
        "minPrice.units",
        "minPrice.nanos",
        "since",
        "readMask",
        "showDeleted",
        "fragile",
        "sizes",
        "like.id",
        "like.createTime",
        "like.etag",
        "like.name",
        "like.kind",
        "like.price.currencyCode",
        "like.price.units",
        "like.price.nanos",
        "like.count",
        "like.isFragile",
      ].map((name) => `query ${name}`),
    );
  });

  it("takes a closed body without the fields that the path fills", () => {
    const schema = operationOf("/v1/things/{id}:rename", "post").requestBody?.content["application/json"]?.schema;
    expect(Object.keys(schema?.properties ?? {})).toEqual(["etag", "name", "part"]);
    expect(schema?.additionalProperties).toBe(false);
    const created = operationOf("/v1/things", "post").requestBody;
    expect(created).toEqual({
      required: true,
      content: {
        "application/json": {
          schema: { allOf: [{ $ref: "#/components/schemas/Thing" }], required: ["name"] },
        },
      },
    });
    const changed = operationOf("/v1/things/{id}", "patch").requestBody?.content["application/json"]?.schema;
    expect(changed?.required).toBeUndefined();
  });

  it("says that null clears a field where it does, and nowhere else", () => {
    const schema = operationOf("/v1/things/{id}", "patch").requestBody?.content["application/json"]?.schema;
    expect(schema?.title).toBe("ThingChanges");
    expect(schema?.properties).toMatchObject({
      name: { type: ["string", "null"], pattern: "^[a-z]+$" },
      price: { anyOf: [{ $ref: "#/components/schemas/google.type.Money" }, { type: "null" }] },
      createTime: { type: "string", readOnly: true },
    });
    expect(JSON.stringify(fixture.components.schemas)).not.toContain('"null"');
  });

  it("leaves an empty text alone where the contract does", () => {
    const schema = operationOf("/v1/things/{id}:rename", "post").requestBody?.content["application/json"]?.schema;
    expect(schema?.properties?.["name"]).toMatchObject({ type: "string", pattern: "^$|^[a-z]+$" });
    expect(schema?.properties?.["part"]).toMatchObject({ deprecated: true });
  });

  it("answers streams, raw content and single fields as what they are", () => {
    const content = (path: string) => {
      const answer = operationOf(path, "get").responses["200"];
      return answer && "content" in answer ? Object.keys(answer.content ?? {}) : [];
    };
    expect(content("/v1/things:watch")).toEqual(["application/x-ndjson", "text/event-stream"]);
    expect(content("/v1/things/{id}:downloadPicture")).toEqual(["*/*"]);
    expect(operationOf("/v1/things/{id}/parts", "get").responses["200"]).toMatchObject({
      content: {
        "application/json": { schema: { type: "array", items: { $ref: "#/components/schemas/Thing.Part" } } },
      },
    });
  });

  it("needs no credential where the method needs none", () => {
    expect(operationOf("/v1/things:open", "post").security).toEqual([]);
    expect(operationOf("/v1/things", "get").security).toBeUndefined();
  });

  it("tells a summary, and field names as JSON has them", () => {
    const operation = operationOf("/v1/things/{id}", "get");
    expect(operation.summary).toBe("Gets one thing, by `thingId` as it were");
    expect(operation.operationId).toBe("GetThing");
    expect(operationOf("/v1/boxes/{box}/things/{id}", "get").operationId).toBe("ThingService_GetThing");
  });

  it("of a path with many segments has one parameter for them", () => {
    expect(Object.keys(fixture.paths)).toContain("/v1/{path}");
  });
});

describe("a schema", () => {
  it("carries the contract's rules, comments and marks", () => {
    expect(fixture.components.schemas["Thing"]).toMatchObject({
      type: "object",
      description: "A thing.",
      properties: {
        createTime: { type: "string", format: "date-time", readOnly: true },
        name: { type: "string", minLength: 1, maxLength: 20, pattern: "^[a-z]+$", description: "The thing's name." },
        kind: { $ref: "#/components/schemas/Thing.Kind" },
        parts: { type: "array", maxItems: 5, items: { $ref: "#/components/schemas/Thing.Part" } },
        labels: { type: "object", additionalProperties: { type: "string" } },
        count: { type: "integer", format: "int32", minimum: 0, exclusiveMaximum: 100 },
      },
    });
    expect(fixture.components.schemas["Thing.Part"]).toMatchObject({
      description: "A part.\n\nA heavy part needs a name.",
      properties: { weightGrams: { type: "string", description: "The part's weight.\n\nIt must be at least 0." } },
    });
    expect(fixture.components.schemas["Thing.Kind"]).toEqual({
      type: "string",
      enum: ["BOX", "SHELF"],
      description: "What kind of thing.\n\n- `BOX`: A box.\n- `SHELF`: A shelf.",
    });
  });
});
