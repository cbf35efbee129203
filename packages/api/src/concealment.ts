import type { DescMessage } from "@bufbuild/protobuf";
import { fieldRules, registry, resourceRules } from "@keynode/contracts/descriptors";
import type { Call } from "@keynode/grpc/call";
import { mayCompare } from "@keynode/grpc/masking/sight";
import type { Listing } from "@keynode/query/listing";
import type { Shape } from "./read.ts";

const nothing: ReadonlySet<string> = new Set();

/**
 * The fields of a listing that a caller can neither filter nor order by: those that the contract calls sensitive, for a
 * caller whose right to them does not reach every record that the list does. Whoever compares learns the value, if only
 * by asking often.
 */
export const concealment = (
  { typeName }: Pick<Shape<object>, "typeName">,
  { fields }: Listing,
): ((call: Call) => ReadonlySet<string>) => {
  const message = registry().getMessage(typeName);
  if (message === undefined) throw new TypeError(`no message ${typeName}`);
  const collection = resourceRules(message)?.collection;
  const sensitive = new Set([...fields.keys()].filter((name) => isSensitive(message, name.split("."))));
  if (sensitive.size === 0) return () => nothing;
  if (collection === undefined) throw new TypeError(`${typeName} has sensitive fields and is no resource`);
  return (call) => (mayCompare(call, collection) ? nothing : sensitive);
};

const isSensitive = (message: DescMessage, [name, ...rest]: readonly string[]): boolean => {
  const field = message.fields.find((each) => each.jsonName === name);
  if (field === undefined) return false;
  if (fieldRules(field).sensitive) return true;
  return rest.length > 0 && field.message !== undefined && isSensitive(field.message, rest);
};
