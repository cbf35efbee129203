import type { DescField, DescMessage, DescMethod, FileRegistry } from "@bufbuild/protobuf";
import { type HttpRule, httpRule, type MethodRules, methodRules, resourceRules } from "@keynode/contracts/descriptors";
import { type PathTemplate, parsePathTemplate } from "./path-template.ts";

/** One way over HTTP to one method of the contract. */
export type Route = {
  readonly method: DescMethod;
  /** `crm.lead.v1.LeadService/GetLead`. */
  readonly name: string;
  readonly rules: MethodRules;
  /** HTTP method. */
  readonly verb: string;
  readonly template: PathTemplate;
  /** The fields along each variable of the template, in its order. */
  readonly variables: readonly (readonly DescField[])[];
  /** The request field that the body fills; `*` for all that the path leaves, undefined for no body. */
  readonly body: DescField | "*" | undefined;
  /** The response field that the answer shows; undefined for all of it. */
  readonly responseBody: DescField | undefined;
  /**
   * Who serves it: a service, the request field that names one or a collection that one keeps, or each of them a part of it
   * (`EVERY_SERVICE`).
   */
  readonly service: string | DescField;
  /** What such a field names. */
  readonly serviceNamedBy: "service" | "collection";
  /** 1 MiB, 10 MiB for batches and for raw bodies. */
  readonly maxBodyBytes: number;
  /** False for an additional binding, which repeats another route of the same method. */
  readonly isPrimary: boolean;
};

const MIB = 1024 * 1024;
/** The repeated field that batch methods take their items in (AIP-233). */
const BATCH_FIELD = "requests";
export const HTTP_BODY = "google.api.HttpBody";

/** No service is called so. */
export const EVERY_SERVICE = "*";

/** Every route of the contract, in its order. Throws, naming them all, when methods cannot be routed as declared. */
export const contractRoutes = (registry: FileRegistry): Route[] => {
  const problems: string[] = [];
  const routes = [...registry]
    .filter((described) => described.kind === "service")
    .flatMap((service) => service.methods)
    .flatMap((method) => {
      try {
        return routesOf(method);
      } catch (cause) {
        problems.push(`${nameOf(method)}: ${cause instanceof Error ? cause.message : String(cause)}`);
        return [];
      }
    });
  if (problems.length > 0) throw new Error(`the contract cannot be served: ${problems.join("; ")}`);
  return routes;
};

const nameOf = (method: DescMethod): string => `${method.parent.typeName}/${method.name}`;

const routesOf = (method: DescMethod): Route[] => {
  const rule = httpRule(method);
  if (rule === undefined) return [];
  const rules = methodRules(method);
  if (rules === undefined) throw new Error("declares a route but no rules (crm.options.v1.method)");
  if (rules.internal) throw new Error("is internal and declares a route");
  if (method.methodKind !== "unary" && method.methodKind !== "server_streaming") {
    throw new Error("takes a stream, which HTTP cannot send");
  }
  return [rule, ...rule.additional].map((binding, index) => routeOf(method, rules, binding, index === 0));
};

const routeOf = (method: DescMethod, rules: MethodRules, rule: HttpRule, isPrimary: boolean): Route => {
  const template = parsePathTemplate(rule.path);
  const variables = template.variables.map(({ field }) => variableFields(method.input, field));
  const body = rule.body === "" || rule.body === "*" ? rule.body || undefined : fieldOf(method.input, rule.body);
  if (body !== undefined && (rule.verb === "GET" || rule.verb === "DELETE"))
    throw new Error(`${rule.verb} takes no body`);
  return {
    method,
    name: nameOf(method),
    rules,
    verb: rule.verb,
    template,
    variables,
    body: body === undefined || typeof body === "object" ? body : "*",
    responseBody: rule.responseBody === "" ? undefined : fieldOf(method.output, rule.responseBody),
    service: serviceOf(method, rules, variables),
    serviceNamedBy: rules.collectionField === "" ? "service" : "collection",
    maxBodyBytes: isLarge(method.input) ? 10 * MIB : MIB,
    isPrimary,
  };
};

const fieldOf = (message: DescMessage, name: string): DescField => {
  const field = message.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${message.typeName} has no field ${name}`);
  return field;
};

/** A variable's fields from the request down; the last one holds a single value that a text can give. */
const variableFields = (request: DescMessage, path: readonly string[]): DescField[] => {
  const fields: DescField[] = [];
  let message: DescMessage | undefined = request;
  for (const name of path) {
    if (message === undefined) throw new Error(`${path.join(".")} leads through a field that is no message`);
    const field = fieldOf(message, name);
    fields.push(field);
    message = field.fieldKind === "message" ? field.message : undefined;
  }
  const last = fields.at(-1);
  if (last?.fieldKind !== "scalar" && last?.fieldKind !== "enum")
    throw new Error(`${path.join(".")} is no single value`);
  return fields;
};

const serviceOf = (
  method: DescMethod,
  { serviceField, collectionField, everyService }: MethodRules,
  variables: Route["variables"],
): Route["service"] => {
  if (everyService) {
    if (method.methodKind !== "server_streaming")
      throw new Error("is no stream, of which each service could have a part");
    return EVERY_SERVICE;
  }
  const naming = serviceField || collectionField;
  if (naming !== "") {
    const field = fieldOf(method.input, naming);
    if (variables.some(([first, ...deeper]) => first === field && deeper.length === 0)) return field;
    throw new Error(`${naming} names the service and is not in the path`);
  }
  const [, service] = method.parent.file.proto.package.split(".");
  if (service === undefined) throw new Error(`package ${method.parent.file.proto.package} names no service`);
  return service;
};

const isLarge = (request: DescMessage): boolean =>
  request.typeName === HTTP_BODY ||
  request.fields.some(
    (field) =>
      (field.fieldKind === "list" && field.listKind === "message" && field.name === BATCH_FIELD) ||
      (field.fieldKind === "message" && field.message.typeName === HTTP_BODY),
  );

/** What the client knows a path's variables by: the field's own name, as long as only one of them has it. */
export const variableNames = ({ variables }: Pick<Route, "variables">): string[] => {
  const short = variables.map((fields) => fields.at(-1)?.jsonName ?? "");
  return new Set(short).size === short.length
    ? short
    : variables.map((fields) => fields.map(({ jsonName }) => jsonName).join("."));
};

/** Names of all services of the contract, the second segment of their packages: who may be called at all. */
export const contractServices = (registry: FileRegistry): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const described of registry) {
    const [root, service] = described.kind === "service" ? described.file.proto.package.split(".") : [];
    if (root === "crm" && service !== undefined && service !== CHASSIS) names.add(service);
  }
  return names;
};

/** Which service keeps each collection of the contract. */
export const contractCollections = (registry: FileRegistry): ReadonlyMap<string, string> =>
  new Map(
    [...registry].flatMap((described) => {
      const rules = described.kind === "message" ? resourceRules(described) : undefined;
      if (rules === undefined) return [];
      const [root, service] = described.file.proto.package.split(".");
      return root !== "crm" || service === undefined || service === CHASSIS ? [] : [[rules.collection, service]];
    }),
  );

/** Its methods are every service's: `service_field` says whose, or `collection_field`. */
const CHASSIS = "chassis";

/** The message that an answer shows. */
export const answerMessage = ({ method, responseBody }: Route): DescMessage | undefined => {
  if (responseBody === undefined) return method.output;
  return responseBody.fieldKind === "message" ? responseBody.message : undefined;
};

/** Lists and batches keep their empty lists; a resource leaves out what it lacks, as a read mask may have asked. */
export const keepsEmptyLists = ({ method }: Route): boolean => resourceRules(method.output) === undefined;
