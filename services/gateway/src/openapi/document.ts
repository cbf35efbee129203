import type { FileRegistry } from "@bufbuild/protobuf";
import { documentation } from "@keynode/contracts/documentation";
import type { Example } from "@keynode/contracts/examples";
import type { Profile } from "../profile.ts";
import type { PathTemplate } from "../transcoder/path-template.ts";
import { type Route, variableNames } from "../transcoder/routes.ts";
import { ANSWER_HEADERS, HEADERS, PARAMETERS, PROBLEM_SCHEMA, SCIM_ERROR_SCHEMA, RESPONSES } from "./components.ts";
import { withExample, withProfileExample } from "./example.ts";
import { type CustomValuesSchema, withoutCustomValues } from "./custom-values.ts";
import type { JsonSchema } from "./json-schema.ts";
import { createMessageSchemas, jsonNames, type MessageSchemas } from "./message-schemas.ts";
import { type Operation, operationOf, tagOf } from "./operation.ts";
import { signOnOperations } from "./sign-on.ts";
import { tenantDocumentOperation } from "./tenant-document-operation.ts";

export type OpenApiSource = {
  readonly registry: FileRegistry;
  readonly routes: readonly Route[];
  readonly profile: Profile | undefined;
  readonly version: string;
  /** The limits of callers and tenants, as the operator set them: the `RateLimit-Policy` of every answer. */
  readonly rateLimits: string;
  /** A call of each method, by its name. */
  readonly examples: Readonly<Record<string, Example>>;
  /** What a tenant's records have in its own fields; left out, any value. */
  readonly customValues?: CustomValuesSchema;
};

type PathItem = Record<string, Operation>;

/** The OpenAPI 3.1 document of the routes: the same table that serves them, so the two cannot differ. */
export const openApiDocument = ({
  registry,
  routes,
  profile,
  version,
  rateLimits,
  examples: recorded,
  customValues,
}: OpenApiSource) => {
  // They were recorded in another tenant, which has other fields.
  const examples = customValues === undefined ? recorded : withoutCustomValues(recorded);
  const schemas = createMessageSchemas(registry, customValues);
  const paths: Record<string, PathItem> = {};
  const ids = new Set<string>();
  for (const route of routes) {
    const item = (paths[openApiPath(route.template, variableNames(route))] ??= {});
    const operation = operationOf(route, schemas, uniqueId(route, ids));
    item[route.verb.toLowerCase()] = withExample(operation, route, examples[route.name]);
  }
  if (profile) {
    const item = (paths[openApiPath(profile.template, variableNames(profile.get))] ??= {});
    item["get"] = withProfileExample(profileOperation(profile, schemas), profile, examples);
  }
  for (const [path, operation] of Object.entries(signOnOperations(registry, schemas))) paths[path] = { get: operation };
  Object.assign(paths, tenantDocumentOperation(routes));
  const text = JSON.stringify(paths);
  const componentSchemas: Readonly<Record<string, JsonSchema>> = {
    ...schemas.components(),
    Problem: PROBLEM_SCHEMA,
    ScimError: SCIM_ERROR_SCHEMA,
  };
  return {
    openapi: "3.1.0",
    info: {
      title: "Keynode API",
      version,
      description: `${DESCRIPTION}\n\n${limitsText(rateLimits)}`,
      contact: { name: "The operator of this installation" },
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ apiKey: [] }, { accessToken: [] }],
    tags: tagsOf(routes),
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description: "An API key's secret, for programs; `POST /v1/apiKeys` hands one out.",
        },
        accessToken: {
          type: "http",
          scheme: "bearer",
          description: "The access token of a sign-in, for people; `POST /v1/auth:signIn` hands one out.",
        },
      },
      parameters: usedIn("parameters", PARAMETERS, text),
      headers: usedIn(
        "headers",
        { ...HEADERS, "RateLimit-Policy": { ...HEADERS["RateLimit-Policy"], example: rateLimits } },
        `${text}${JSON.stringify(RESPONSES)}`,
      ),
      responses: usedIn("responses", RESPONSES, text),
      schemas: componentSchemas,
    },
  };
};

/** A component that nothing refers to would only puzzle. */
const usedIn = <Component>(kind: string, all: Readonly<Record<string, Component>>, text: string) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)));

const DESCRIPTION = `Bodies are [proto3 JSON](https://protobuf.dev/programming-guides/json/): names in lowerCamelCase, enums by name, 64-bit integers as strings,
times in RFC 3339. Unknown fields are refused. A field that is not set is left out of answers.

Answers to refused requests are \`application/problem+json\` (RFC 9457): \`code\` is for programs, \`errors\` names every wrong place at once.
Lists are paged: \`pageSize\`, and the \`nextPageToken\` of one page as \`pageToken\` of the next.
Writes take an \`Idempotency-Key\`; records have an \`ETag\`, which \`If-Match\` guards.

What happens to records is told as events: see [their catalogue](/docs/events).`;

const limitsText = (
  policy: string,
): string => `Requests are limited for each caller (\`key\`) and for all callers of a tenant together (\`tenant\`), of which each has a fair share. This
installation's policy is \`RateLimit-Policy: ${policy}\`: \`q\` requests at once after a rest, regained within \`w\` seconds. \`RateLimit\` says what is
left of the tighter one, and a 429 by \`Retry-After\` when to go on.`;

const tagsOf = (routes: readonly Route[]): { name: string; description: string }[] => {
  const tags = new Map(routes.map((route) => [tagOf(route), jsonNames(documentation(route.method.parent))]));
  return [...tags].map(([name, description]) => ({ name, description }));
};

/** Method names are unique as a rule; bindings beyond the first, and methods of the same name, get a suffix. */
const uniqueId = ({ method }: Route, ids: Set<string>): string => {
  let id = method.name;
  if (ids.has(id)) id = `${method.parent.name}_${method.name}`;
  for (let count = 2; ids.has(id); count++) id = `${method.parent.name}_${method.name}_${count}`;
  ids.add(id);
  return id;
};

/** A variable of several segments is one parameter of OpenAPI; its value keeps its slashes. */
const openApiPath = ({ segments, variables, verb }: PathTemplate, names: readonly string[]): string => {
  const parts: string[] = [];
  for (let at = 0; at < segments.length; at++) {
    const index = variables.findIndex(({ from }) => from === at);
    const variable = variables[index];
    const segment = segments[at];
    if (variable) {
      parts.push(`{${names[index]}}`);
      at = (variable.to ?? segments.length) - 1;
    } else {
      parts.push(segment?.kind === "literal" ? segment.text : "*");
    }
  }
  return `/${parts.join("/")}${verb === "" ? "" : `:${verb}`}`;
};

/** What the profile says. */
export const profileSchema = ({ get, sections }: Profile, schemas: MessageSchemas): JsonSchema => {
  const failed: JsonSchema = {
    type: "object",
    description: "Why the part is missing.",
    properties: { error: { $ref: "#/components/schemas/Problem" } },
    required: ["error"],
  };
  const filled = (section: Profile["sections"][number]): JsonSchema => ({
    type: "object",
    properties: { items: schemas.field(section.rows), nextPageToken: { type: "string" } },
    required: ["items"],
  });
  const properties = Object.fromEntries(
    sections.map((section) => [section.name, { anyOf: [filled(section), failed] }]),
  );
  return {
    type: "object",
    properties: {
      account: { anyOf: [schemas.message(get.method.output), failed] },
      sections: { type: "object", properties, required: sections.map(({ name }) => name) },
    },
    required: ["account", "sections"],
  };
};

/** What the profile is, in a line and in full. */
export const PROFILE_TEXT = {
  summary: "Shows a customer's profile, composed from every service",
  description:
    "The account, and the first page of each section, asked for in parallel. A section that the caller may not see, or whose service is down, holds its problem as `error`; the rest is shown all the same.",
} as const;

const profileOperation = (profile: Profile, schemas: MessageSchemas): Operation => {
  const base = operationOf(profile.get, schemas, "GetProfile");
  const schema = profileSchema(profile, schemas);
  const { "304": _, ...responses } = base.responses;
  return {
    ...base,
    ...PROFILE_TEXT,
    responses: {
      ...responses,
      "200": { description: "The profile.", headers: ANSWER_HEADERS, content: { "application/json": { schema } } },
    },
  };
};
