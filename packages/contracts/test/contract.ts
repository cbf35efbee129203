import type { DescEnum, DescField, DescFile, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { type FileRegistry, getOption, hasOption, type JsonObject, type Message, toJson } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { fieldBehavior, type HttpRule, httpRule, registry, resourceRules } from "@keynode/contracts/descriptors";

/** A method that HTTP clients reach. */
export type Routed = { readonly method: DescMethod; readonly rule: HttpRule; readonly name: string };

/** A contract as its rules see it: only our own files, each kind of thing in one list. */
export type Contract = {
  readonly files: readonly DescFile[];
  readonly services: readonly DescService[];
  readonly methods: readonly DescMethod[];
  readonly routed: readonly Routed[];
  readonly messages: readonly DescMessage[];
  /** The fields of all messages. */
  readonly fields: readonly DescField[];
  readonly enums: readonly DescEnum[];
  readonly resources: readonly DescMessage[];
  /** Top-level messages of the `_events.proto` files. */
  readonly events: readonly DescMessage[];
  /** All that a caller may send: the fields of every request and of the messages in it, output-only ones left out. */
  readonly inputs: readonly DescField[];
};

export const contractOf = (all: FileRegistry): Contract => {
  const files = [...all.files].filter((file) => file.name.startsWith("crm/"));
  const services = files.flatMap((file) => file.services);
  const methods = services.flatMap((service) => service.methods);
  const types = files.flatMap((file) => [...nestedTypes(file)]);
  const messages = types.filter((type) => type.kind === "message");
  return {
    files,
    services,
    methods,
    routed: methods.flatMap((method) => {
      const rule = httpRule(method);
      return rule === undefined ? [] : [{ method, rule, name: nameOf(method) }];
    }),
    messages,
    fields: messages.flatMap((message) => message.fields),
    enums: types.filter((type) => type.kind === "enum"),
    resources: messages.filter(isResource),
    events: files.filter((file) => file.name.endsWith("_events")).flatMap((file) => file.messages),
    inputs: inputsOf(methods),
  };
};

const inputsOf = (methods: readonly DescMethod[]): readonly DescField[] => {
  const seen = new Set<DescMessage>();
  const walk = (message: DescMessage): readonly DescField[] => {
    if (seen.has(message) || !message.typeName.startsWith("crm.")) return [];
    seen.add(message);
    return message.fields
      .filter((field) => !fieldBehavior(field).includes("OUTPUT_ONLY"))
      .flatMap((field) => [field, ...(field.message === undefined ? [] : walk(field.message))]);
  };
  return methods.flatMap((method) => walk(method.input));
};

/** Whether a message declares rules of a resource, whole or not. */
const isResource = (message: DescMessage): boolean => {
  const option = registry().getExtension("crm.options.v1.resource");
  return option !== undefined && hasOption(message, option);
};

export const nameOf = (described: DescMethod | DescField | DescMessage | DescEnum): string => {
  switch (described.kind) {
    case "rpc":
      return `${described.parent.typeName}/${described.name}`;
    case "field":
      return `${described.parent.typeName}.${described.name}`;
    case "message":
    case "enum":
      return described.typeName;
  }
};

/** The field of a message by its name in the contract. */
export const fieldOf = (message: DescMessage, name: string): DescField | undefined =>
  message.fields.find((each) => each.name === name);

/** The resource that a method answers; undefined where it answers something else. */
export const answered = ({ output }: DescMethod): DescMessage | undefined =>
  resourceRules(output) === undefined ? undefined : output;

/** The fields that a path names in braces. */
export const variables = (rule: HttpRule): readonly string[] =>
  [...rule.path.matchAll(/\{([^}]+)\}/g)].flatMap(([, name]) => name ?? []);

/** The buf.validate rules of a field in their JSON form; empty where it has none. */
export const validationOf = (field: DescField): JsonObject => {
  const option = registry().getExtension("buf.validate.field");
  if (option?.message === undefined || !hasOption(field, option)) return {};
  return objectIn(toJson(option.message, getOption(field, option) as Message, { registry: registry() }));
};

/** The rules of one kind of value, such as `string`, among a field's. */
export const rulesFor = (rules: JsonObject, kind: string): JsonObject => objectIn(rules[kind]);

const objectIn = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** The contract that is released. */
export const contract = contractOf(registry());
