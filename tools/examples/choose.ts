import { type DescMessage, type FileRegistry, fromBinary, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import type { Example } from "@keynode/contracts/examples";
import { fieldBehavior, fieldRules, httpRule } from "@keynode/contracts/descriptors";
import { borrowedExample } from "./borrow.ts";

/** A call of a test: the method and the bytes of request and answer. */
export type Recorded = { readonly method: string; readonly request: Uint8Array; readonly answer: Uint8Array };

type JsonObject = { readonly [name: string]: JsonValue };

/** An example is read by people: of a list they need so many items, and of a text so much. A request may have to give two. */
type Shown = { readonly maxItems: number; readonly outputOnly: boolean };
const MAX_TEXT = 200;
const MAX_LENGTH = 6_000;

/** What stands in for a secret of a test, so that no scanner takes it for one. */
const SECRET = /password|secret|credential|token$/;
const PLACEHOLDER = "an-example-is-no-secret";

/** The example that says most for each method, kept from before where it still fits the contract and says as much. */
export const chooseExamples = (
  recorded: readonly Recorded[],
  before: Readonly<Record<string, Example>>,
  registry: FileRegistry,
): Record<string, Example> => {
  const chosen = new Map<string, Example>();
  for (const [name, example] of Object.entries(before)) {
    if (fits(name, example, registry) && isForEverybody(example)) chosen.set(name, example);
  }
  for (const one of recorded) {
    const example = exampleOf(one, registry);
    if (example === undefined || !isForEverybody(example)) continue;
    const known = chosen.get(one.method);
    if (known === undefined || worthOf(example) > worthOf(known)) chosen.set(one.method, example);
  }
  for (const [name, example] of borrowed(chosen, registry)) chosen.set(name, example);
  return Object.fromEntries([...chosen].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Of the standard methods that no test calls alone. */
const borrowed = (chosen: ReadonlyMap<string, Example>, registry: FileRegistry): (readonly [string, Example])[] => {
  const records = new Map<DescMessage, JsonObject>();
  for (const [name, { response }] of chosen) {
    const output = methodOf(name, registry)?.output;
    const known = output && records.get(output);
    if (output === undefined || !isObject(response) || (known && leavesOf(known) >= leavesOf(response))) continue;
    records.set(output, response);
  }
  const methods = [...registry].filter((type) => type.kind === "service").flatMap((service) => service.methods);
  return methods.flatMap((method) => {
    const name = `${method.parent.typeName}/${method.name}`;
    if (chosen.has(name) || httpRule(method) === undefined) return [];
    const example = borrowedExample(method, (resource) => records.get(resource));
    return example ? [[name, example] as const] : [];
  });
};

const methodOf = (name: string, registry: FileRegistry) => {
  const [service = "", method = ""] = name.split("/");
  return registry.getService(service)?.methods.find((one) => one.name === method);
};

/** True when request and answer are still messages of the contract, field by field. */
export const fits = (name: string, { request, response }: Example, registry: FileRegistry): boolean => {
  const method = methodOf(name, registry);
  if (method === undefined) return false;
  try {
    fromJson(method.input, request, { registry });
    fromJson(method.output, response, { registry });
    return true;
  } catch {
    return false;
  }
};

/** False where a request names a field that one tenant has made: whoever else tries it is refused. */
const isForEverybody = ({ request }: Example): boolean => !JSON.stringify(request).includes("customFields");

const exampleOf = ({ method: name, request, answer }: Recorded, registry: FileRegistry): Example | undefined => {
  const method = methodOf(name, registry);
  // A body of another format is bytes here, and nothing to read.
  if (method === undefined || [method.input, method.output].some(carriesHttpBody)) return undefined;
  const json = (desc: DescMessage, bytes: Uint8Array, shown: Shown): JsonValue =>
    presentable(toJson(desc, fromBinary(desc, bytes), { registry }), desc, shown);
  try {
    const example = {
      request: json(method.input, request, { maxItems: 2, outputOnly: false }),
      response: json(method.output, answer, { maxItems: 1, outputOnly: true }),
    };
    return JSON.stringify(example).length > MAX_LENGTH ? undefined : example;
  } catch {
    // Not every message has a JSON: a mask may name a custom field as gRPC spells it.
    return undefined;
  }
};

const HTTP_BODY = "google.api.HttpBody";

const carriesHttpBody = ({ typeName, fields }: DescMessage): boolean =>
  typeName === HTTP_BODY || fields.some(({ message }) => message?.typeName === HTTP_BODY);

/** Shortened, without secrets, and in a request without what only answers tell. */
const presentable = (json: JsonValue, desc: DescMessage | undefined, shown: Shown): JsonValue => {
  if (Array.isArray(json)) return json.slice(0, shown.maxItems).map((item) => presentable(item, desc, shown));
  if (!isObject(json)) return typeof json === "string" ? json.slice(0, MAX_TEXT) : json;
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]) => {
      const field = desc?.fields.find(({ jsonName }) => jsonName === name);
      if (field && !shown.outputOnly && fieldBehavior(field).includes("OUTPUT_ONLY") && name !== "id") return [];
      const isSecret = field !== undefined && fieldRules(field).sensitive && SECRET.test(field.name);
      return [[name, isSecret && typeof value === "string" ? PLACEHOLDER : presentable(value, field?.message, shown)]];
    }),
  );
};

const isObject = (json: JsonValue): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

/** How many fields an example shows; of a list, those of its fullest item. */
const worthOf = ({ request, response }: Example): number => leavesOf(request) + leavesOf(response);

const leavesOf = (json: JsonValue): number => {
  if (Array.isArray(json)) return Math.max(0, ...json.map(leavesOf));
  if (!isObject(json)) return 1;
  return Object.values(json).reduce<number>((sum, value) => sum + leavesOf(value), 0);
};
