import type { DescField, DescMessage, DescMethod, FileRegistry, JsonObject, JsonValue } from "@bufbuild/protobuf";
import {
  fieldRules,
  httpRule,
  type MethodRules,
  methodRules,
  registry,
  resourceRules,
} from "@keynode/contracts/descriptors";
import { type Shape, shapeOf } from "./requests.ts";

/** One rpc of the contract. */
export type Row = {
  /** `crm.lead.v1.LeadService/GetLead`. */
  readonly name: string;
  readonly method: DescMethod;
  readonly rules: MethodRules;
  readonly shape: Shape;
};

/** Every rpc of the platform's own services in a contract. */
export const rowsOf = (contract: FileRegistry): readonly Row[] =>
  [...contract]
    .filter((type) => type.kind === "service")
    .filter(({ typeName }) => typeName.startsWith("crm."))
    .flatMap(({ methods }) => methods)
    .map((method) => {
      const name = `${method.parent.typeName}/${method.name}`;
      const rules = methodRules(method);
      if (rules === undefined) throw new Error(`${name} declares no rules`);
      return { name, method, rules, shape: shapeOf(method) };
    });

export const rows = rowsOf(registry());

/** The collections of all resources by type: `lead` → `leads`. */
export const collections: ReadonlyMap<
  string,
  {
    readonly collection: string;
    readonly owned: boolean;
    readonly parentFields: readonly string[];
    readonly typeName: string;
  }
> = new Map(
  [...registry()]
    .filter((type) => type.kind === "message")
    .flatMap((message) => {
      const rules = resourceRules(message);
      if (rules === undefined) return [];
      const { type, collection, ownership, parentFields } = rules;
      const { typeName } = message;
      return [[type, { collection, owned: ownership !== "FIXED", parentFields, typeName }] as const];
    }),
);

/** A request that gets as far as its path: what its fields mean is for those who are let in. */
export const emptyRequest = ({ method, rules }: Row): JsonObject => {
  const request: JsonObject = {};
  for (const [, path = ""] of (httpRule(method)?.path ?? "").matchAll(/\{([\w.]+)\}/g)) {
    const [first = "", second] = path.split(".");
    const field = method.input.fields.find(({ name }) => name === first);
    const value = first === rules.serviceField ? "lead" : first === rules.collectionField ? "leads" : "none";
    if (field !== undefined) request[field.jsonName] = second === undefined ? value : { [second]: value };
  }
  return request;
};

/** The sensitive values in a response; secrets are nobody's to read and no part of it. */
export const sensitiveValues = (message: DescMessage, json: JsonValue | undefined): readonly string[] => {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return [];
  return message.fields.flatMap((field) => {
    const value = json[field.jsonName];
    if (value === undefined) return [];
    const { sensitive, mask } = fieldRules(field);
    if (sensitive && mask !== "SECRET") return textsOf(value);
    const inner = messageOf(field);
    return inner === undefined ? [] : [value].flat().flatMap((each) => sensitiveValues(inner, each));
  });
};

const messageOf = (field: DescField): DescMessage | undefined =>
  field.fieldKind === "map" ? undefined : field.message;

const textsOf = (value: JsonValue): readonly string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
};
