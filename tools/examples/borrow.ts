import type { DescField, DescMessage, DescMethod, JsonValue } from "@bufbuild/protobuf";
import { fieldBehavior, resourceRules } from "@keynode/contracts/descriptors";
import type { Example } from "@keynode/contracts/examples";

type JsonObject = { readonly [name: string]: JsonValue };

/** Fields of a request on one record that the record itself answers. */
const ON_RECORD = new Set(["id", "etag", "owner_id", "team_id"]);

/**
 * An example of a standard method that no test has called alone, put together from what others answered: the record is
 * one that a test has seen. Undefined where the request needs something that no record tells.
 */
export const borrowedExample = (
  method: DescMethod,
  recordOf: (resource: DescMessage) => JsonObject | undefined,
): Example | undefined => {
  if (method.name.startsWith("BatchCreate")) return batch(method, recordOf);
  const record = resourceRules(method.output) && recordOf(method.output);
  if (record === undefined) return undefined;
  if (method.name.startsWith("Update")) return update(method, record);
  const known = method.input.fields.filter(
    ({ name, jsonName }) => ON_RECORD.has(name) && record[jsonName] !== undefined,
  );
  if (!method.input.fields.every((field) => !isRequired(field) || known.includes(field))) return undefined;
  // Which version it must have is the caller's to know, and optional.
  const told = known.filter(({ name }) => name !== "etag");
  return { request: picked(record, told), response: record };
};

const update = (method: DescMethod, record: JsonObject): Example | undefined => {
  const carried = method.input.fields.find(({ message }) => message === method.output);
  const changed = method.output.fields.find(
    (field) => field.number >= 10 && isWritable(field) && typeof record[field.jsonName] === "string",
  );
  if (carried === undefined || changed === undefined) return undefined;
  const request = {
    [carried.jsonName]: { id: record["id"] ?? "", [changed.jsonName]: record[changed.jsonName] ?? "" },
    updateMask: changed.jsonName,
  };
  return { request, response: record };
};

const batch = (
  { input, output }: DescMethod,
  recordOf: (resource: DescMessage) => JsonObject | undefined,
): Example | undefined => {
  const requests = input.fields.find(({ name }) => name === "requests");
  const results = output.fields.find(({ name }) => name === "results");
  const carried = requests?.message?.fields.find(({ message }) => message && resourceRules(message) !== undefined);
  const shown = results?.message?.fields.find(({ message }) => message === carried?.message);
  const record = carried?.message && recordOf(carried.message);
  if (!requests || !results || !carried?.message || !shown || record === undefined) return undefined;
  const own = carried.message.fields.filter(({ number }) => number >= 10);
  const sent = sendable(picked(record, own), carried.message);
  return {
    request: { [requests.jsonName]: [{ [carried.jsonName]: sent }] },
    response: { [results.jsonName]: [{ [shown.jsonName]: record }] },
  };
};

const picked = (record: JsonObject, fields: readonly DescField[]): JsonObject =>
  Object.fromEntries(
    fields.flatMap(({ jsonName }) => {
      const value = record[jsonName];
      return value === undefined ? [] : [[jsonName, value]];
    }),
  );

/** Without what only services set, at any depth. */
const sendable = (json: JsonValue, desc: DescMessage | undefined): JsonValue => {
  if (Array.isArray(json)) return json.map((item) => sendable(item, desc));
  if (typeof json !== "object" || json === null || desc === undefined) return json;
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]) => {
      const field = desc.fields.find(({ jsonName }) => jsonName === name);
      return field !== undefined && !isWritable(field) ? [] : [[name, sendable(value, field?.message)]];
    }),
  );
};

const isRequired = (field: DescField): boolean => fieldBehavior(field).includes("REQUIRED");
const isWritable = (field: DescField): boolean => !fieldBehavior(field).includes("OUTPUT_ONLY");
