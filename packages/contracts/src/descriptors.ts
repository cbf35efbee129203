import { readFileSync } from "node:fs";
import type { DescExtension, DescField, DescMessage, DescMethod, FileRegistry, Message } from "@bufbuild/protobuf";
import { createFileRegistry, fromBinary, getOption, hasOption, isMessage } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

export type Effect = "READ" | "WRITE" | "CREDENTIAL";

/** crm.options.v1.MethodRules, read from a method's options. */
export type MethodRules = {
  permission: string;
  effect: Effect;
  public: boolean;
  internal: boolean;
  /** Empty: the method belongs to its package's own service. */
  serviceField: string;
  /** Every service serves a part of it. */
  everyService: boolean;
  /** Set where every service has the method for each of its resources: the request field that names the collection. */
  collectionField: string;
  /** Agents find it as a tool. */
  tool: boolean;
  /** In whose words HTTP clients are told that they are refused; without one, the platform's own. */
  dialect?: "SCIM";
  profile?: { section: string; accountField: string };
  /** Names of fields, each empty where the stream has none. */
  stream?: { idField: string; eventField: string; resumeField: string };
  deprecation?: Deprecation;
};

/** Days as `2026-11-23`; an empty `sunset` is one that nobody has decided yet. */
export type Deprecation = { since: string; sunset: string; link: string };

export type Ownership = "OWN" | "PARENT" | "FIXED";

/** crm.options.v1.ResourceRules. */
export type ResourceRules = {
  type: string;
  collection: string;
  /** Whose its records are. */
  ownership: Ownership;
  /** Fields that hold a parent's id, the first one set counts; empty unless the records are a parent's. */
  parentFields: readonly string[];
};

/** How a sensitive value looks to those who may not see it; crm.options.v1.FieldRules tells of each. */
export type Mask = "PHONE" | "EMAIL" | "NAME" | "ID_NUMBER" | "ADDRESS" | "HIDDEN" | "SECRET";

/** crm.options.v1.ReferenceRules. A collection of `*`: the id itself tells which. */
export type ReferenceRules = { collection: string; missing: string };

/** crm.options.v1.FieldRules; all false where a field has none. A sensitive field has a mask. */
export type FieldRules = {
  personal: boolean;
  sensitive: boolean;
  mask?: Mask;
  /** Key of the vocabulary that its texts are values of. */
  vocabulary?: string;
  /** The record that its texts are ids of. */
  reference?: ReferenceRules;
};

/** google.api.HttpRule with its pattern resolved. `path` is the template, for example `/v1/leads/{id}:qualify`. */
export type HttpRule = {
  verb: string;
  path: string;
  /** Name of the request field that the body fills, `*` for all not in the path, empty for none. */
  body: string;
  /** Name of the response field that the body shows; empty for all of the response. */
  responseBody: string;
  additional: readonly HttpRule[];
};

export type FieldBehavior =
  | "OPTIONAL"
  | "REQUIRED"
  | "OUTPUT_ONLY"
  | "INPUT_ONLY"
  | "IMMUTABLE"
  | "UNORDERED_LIST"
  | "IDENTIFIER";

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** The FileDescriptorSet of every contract with all its imports and, of our own files, the comments. */
export const descriptorSet: () => Uint8Array = once(() =>
  readFileSync(new URL("../descriptors.binpb", import.meta.url)),
);

/** The same as descriptors: files, messages, services, extensions by full name. */
export const registry: () => FileRegistry = once(() =>
  createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet())),
);

const extension = (name: string): DescExtension => {
  const found = registry().getExtension(name);
  if (found === undefined) throw new Error(`The descriptor set lacks the option ${name}`);
  return found;
};

const methodOption = once(() => extension("crm.options.v1.method"));
const resourceOption = once(() => extension("crm.options.v1.resource"));
const fieldOption = once(() => extension("crm.options.v1.field"));
const httpOption = once(() => extension("google.api.http"));
const behaviorOption = once(() => extension("google.api.field_behavior"));

/** Decoded options are plain messages of schemas known at run time only: they are read by reflection. */
const reader = (message: ReflectMessage) => {
  const value = (name: string): unknown => {
    const field = message.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`${message.desc.typeName} has no field ${name}`);
    return message.isSet(field) ? message.get(field) : undefined;
  };
  return {
    text: (name: string): string => {
      const found = value(name);
      return typeof found === "string" ? found : "";
    },
    flag: (name: string): boolean => value(name) === true,
    enumName: (name: string): string => {
      const field = message.fields.find((candidate) => candidate.name === name);
      const number = value(name);
      return field?.enum?.values.find((candidate) => candidate.number === number)?.name ?? "";
    },
    texts: (name: string): string[] => {
      const found = value(name);
      return isIterable(found) ? [...found].filter((item) => typeof item === "string") : [];
    },
    child: (name: string): ReflectMessage | undefined => {
      const found = value(name);
      return isReflectMessage(found) ? found : undefined;
    },
    children: (name: string): ReflectMessage[] => {
      const found = value(name);
      return isIterable(found) ? [...found].filter((item) => isReflectMessage(item)) : [];
    },
  };
};

const childReader = (parent: ReturnType<typeof reader>, name: string): ReturnType<typeof reader> | undefined => {
  const child = parent.child(name);
  return child && reader(child);
};

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

const isAnyMessage = (value: unknown, schema: DescMessage): value is Message => isMessage(value, schema);

const messageOption = (
  described: DescMethod | DescMessage | DescField,
  option: DescExtension,
): ReturnType<typeof reader> | undefined => {
  if (!hasOption(described, option) || option.message === undefined) return undefined;
  const value: unknown = getOption(described, option);
  return isAnyMessage(value, option.message) ? reader(reflect(option.message, value)) : undefined;
};

const effects: readonly Effect[] = ["READ", "WRITE", "CREDENTIAL"];

/**
 * The platform's rules of a method; undefined where it declares none.
 * Throws when they name no effect, or when `permission` and `public` are both set or both missing.
 */
export const methodRules = (method: DescMethod): MethodRules | undefined => {
  const rules = messageOption(method, methodOption());
  if (rules === undefined) return undefined;
  const name = `${method.parent.typeName}/${method.name}`;
  const effect = effects.find((candidate) => candidate === rules.enumName("effect"));
  if (effect === undefined) throw new Error(`${name} declares no effect`);
  const permission = rules.text("permission");
  const isPublic = rules.flag("public");
  if (isPublic === (permission !== "")) throw new Error(`${name} must declare either a permission or public`);
  const profile = childReader(rules, "profile");
  const stream = childReader(rules, "stream");
  const deprecation = childReader(rules, "deprecation");
  return {
    permission,
    effect,
    public: isPublic,
    internal: rules.flag("internal"),
    serviceField: rules.text("service_field"),
    everyService: rules.flag("every_service"),
    collectionField: rules.text("collection_field"),
    tool: rules.flag("tool"),
    ...(rules.enumName("dialect") === "SCIM" && { dialect: "SCIM" }),
    ...(profile && {
      profile: { section: profile.text("section"), accountField: profile.text("account_field") },
    }),
    ...(stream && {
      stream: {
        idField: stream.text("id_field"),
        eventField: stream.text("event_field"),
        resumeField: stream.text("resume_field"),
      },
    }),
    ...(deprecation && {
      deprecation: {
        since: deprecation.text("since"),
        sunset: deprecation.text("sunset"),
        link: deprecation.text("link"),
      },
    }),
  };
};

const ownerships: readonly Ownership[] = ["OWN", "PARENT", "FIXED"];

/**
 * The rules of a resource message; undefined for any other message. Throws when they do not say whose its records are,
 * or name parents of records that have none.
 */
export const resourceRules = (message: DescMessage): ResourceRules | undefined => {
  const rules = messageOption(message, resourceOption());
  if (rules === undefined) return undefined;
  const ownership = ownerships.find((candidate) => candidate === rules.enumName("ownership"));
  if (ownership === undefined) throw new Error(`${message.typeName} does not say whose its records are (ownership)`);
  const parentFields = rules.texts("parent_fields");
  const unknown = parentFields.filter((name) => !message.fields.some((field) => field.name === name));
  if ((ownership === "PARENT") !== parentFields.length > 0 || unknown.length > 0) {
    throw new Error(`${message.typeName} names no parent as its ownership demands (parent_fields)`);
  }
  return { type: rules.text("type"), collection: rules.text("collection"), ownership, parentFields };
};

const masks: readonly Mask[] = ["PHONE", "EMAIL", "NAME", "ID_NUMBER", "ADDRESS", "HIDDEN", "SECRET"];

/**
 * Whether a field is personal or sensitive, how it is masked, and what it names. Throws when it is sensitive and no mask
 * is named, or names records and does not say of which collection and how a missing one is refused.
 */
export const fieldRules = (field: DescField): FieldRules => {
  const rules = messageOption(field, fieldOption());
  const sensitive = rules?.flag("sensitive") ?? false;
  const mask = masks.find((candidate) => candidate === rules?.enumName("mask"));
  if (sensitive && mask === undefined) throw new Error(`${field.parent.typeName}.${field.name} declares no mask`);
  const vocabulary = rules?.text("vocabulary") ?? "";
  const named = rules && childReader(rules, "reference");
  const reference = named && { collection: named.text("collection"), missing: named.text("missing") };
  if (reference !== undefined && (reference.collection === "" || reference.missing === "")) {
    throw new Error(`${field.parent.typeName}.${field.name} declares half a reference`);
  }
  return {
    personal: rules?.flag("personal") ?? false,
    sensitive,
    ...(mask && { mask }),
    ...(vocabulary !== "" && { vocabulary }),
    ...(reference && { reference }),
  };
};

const verbs = ["get", "put", "post", "delete", "patch"] as const;

const httpRuleOf = (rule: ReturnType<typeof reader>): HttpRule => {
  const custom = rule.child("custom");
  const verb = verbs.find((candidate) => rule.text(candidate) !== "");
  return {
    verb: custom ? reader(custom).text("kind") : (verb ?? "").toUpperCase(),
    path: custom ? reader(custom).text("path") : verb === undefined ? "" : rule.text(verb),
    body: rule.text("body"),
    responseBody: rule.text("response_body"),
    additional: rule.children("additional_bindings").map((binding) => httpRuleOf(reader(binding))),
  };
};

/** How a method is reached over HTTP; undefined for methods that are not. */
export const httpRule = (method: DescMethod): HttpRule | undefined => {
  const rule = messageOption(method, httpOption());
  return rule && httpRuleOf(rule);
};

const behaviors: readonly FieldBehavior[] = [
  "OPTIONAL",
  "REQUIRED",
  "OUTPUT_ONLY",
  "INPUT_ONLY",
  "IMMUTABLE",
  "UNORDERED_LIST",
  "IDENTIFIER",
];

/** A field's google.api.field_behavior (AIP-203); empty where it declares none. */
export const fieldBehavior = (field: DescField): readonly FieldBehavior[] => {
  const option = behaviorOption();
  const numbers: unknown = getOption(field, option);
  if (!isIterable(numbers)) return [];
  const names = [...numbers].map((number) => option.enum?.values.find((value) => value.number === number)?.name);
  return behaviors.filter((behavior) => names.includes(behavior));
};
