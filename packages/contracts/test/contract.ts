import type { DescEnum, DescField, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { getOption, hasOption, type JsonObject, type Message, toJson } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { fieldBehavior, registry, resourceRules } from "@keynode/contracts/descriptors";

/** The contract as its rules see it: only our own files, each kind of thing in one list. */
export const files = [...registry().files].filter((file) => file.name.startsWith("crm/"));
export const services: readonly DescService[] = files.flatMap((file) => file.services);
export const methods: readonly DescMethod[] = services.flatMap((service) => service.methods);

const types = files.flatMap((file) => [...nestedTypes(file)]);
export const messages: readonly DescMessage[] = types.filter((type) => type.kind === "message");
export const enums: readonly DescEnum[] = types.filter((type) => type.kind === "enum");
export const resources = messages.filter((message) => resourceRules(message) !== undefined);
/** Top-level messages of the `_events.proto` files. */
export const events = files.filter((file) => file.name.endsWith("_events")).flatMap((file) => file.messages);

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

/** All that a caller may send: the fields of every request and of the messages in it, output-only ones left out. */
export const inputFields = (): readonly DescField[] => {
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

/** The buf.validate rules of a field in their JSON form; empty where it has none. */
export const validationOf = (field: DescField): JsonObject => {
  const option = registry().getExtension("buf.validate.field");
  if (option?.message === undefined || !hasOption(field, option)) return {};
  const json = toJson(option.message, getOption(field, option) as Message, { registry: registry() });
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
};
