import {
  clearExtension,
  create,
  createFileRegistry,
  type DescExtension,
  type FileRegistry,
  fromBinary,
  fromJson,
  getExtension,
  hasExtension,
  type JsonObject,
  type Message,
  setExtension,
  toJson,
} from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
  type MethodDescriptorProto,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { descriptorSet, registry } from "./descriptors.ts";

/** The contract while it is being changed: its parts by full name, to be written to. Each throws for a name it lacks. */
export type ContractDraft = {
  /** `crm/lead/v1/lead.proto`. */
  file(path: string): FileDescriptorProto;
  /** `crm.lead.v1.Lead`; nested ones are found in their message. */
  message(name: string): DescriptorProto;
  /** `crm.lead.v1.Lead.email`. */
  field(name: string): FieldDescriptorProto;
  /** `crm.lead.v1.LeadService/GetLead`. */
  method(name: string): MethodDescriptorProto;
};

/** What the contract would be with a change, which is made to a copy. */
export const changedContract = (change: (draft: ContractDraft) => void): FileRegistry => {
  const set = fromBinary(FileDescriptorSetSchema, descriptorSet());
  change(draftOf(set.file));
  return createFileRegistry(set);
};

const draftOf = (files: readonly FileDescriptorProto[]): ContractDraft => {
  const file: ContractDraft["file"] = (path) => known(files, path, path);
  /** The files of a package, and what a full name says in it. */
  const inPackage = (name: string) => {
    const [, pack = "", rest = ""] = /^([a-z\d_.]+)\.([A-Z].*)$/.exec(name) ?? [];
    return { rest, parts: files.filter((part) => part.package === pack) };
  };
  const message: ContractDraft["message"] = (name) => {
    const { rest, parts } = inPackage(name);
    return known(
      parts.flatMap((part) => part.messageType),
      rest,
      name,
    );
  };
  return {
    file,
    message,
    field: (name) => {
      const dot = name.lastIndexOf(".");
      return known(message(name.slice(0, dot)).field, name.slice(dot + 1), name);
    },
    method: (name) => {
      const { rest, parts } = inPackage(name);
      const [service = "", method = ""] = rest.split("/");
      return known(
        known(
          parts.flatMap((part) => part.service),
          service,
          name,
        ).method,
        method,
        name,
      );
    },
  };
};

const known = <Part extends { readonly name: string }>(
  parts: readonly Part[],
  name: string,
  fullName: string,
): Part => {
  const found = parts.find((part) => part.name === name);
  if (found === undefined) throw new Error(`The contract has no ${fullName}`);
  return found;
};

type Rewrite = (rules: JsonObject) => JsonObject | undefined;

/** Rewrites the rules of a method, in their JSON; `undefined` takes them away. */
export const rewriteMethodRules = (method: MethodDescriptorProto, rewrite: Rewrite): void => {
  method.options ??= create(MethodOptionsSchema);
  rewriteOption(method.options, "crm.options.v1.method", rewrite);
};

/** Rewrites how a method is reached over HTTP (google.api.http). */
export const rewriteHttp = (method: MethodDescriptorProto, rewrite: Rewrite): void => {
  method.options ??= create(MethodOptionsSchema);
  rewriteOption(method.options, "google.api.http", rewrite);
};

export const rewriteResourceRules = (message: DescriptorProto, rewrite: Rewrite): void => {
  message.options ??= create(MessageOptionsSchema);
  rewriteOption(message.options, "crm.options.v1.resource", rewrite);
};

export const rewriteFieldRules = (field: FieldDescriptorProto, rewrite: Rewrite): void => {
  field.options ??= create(FieldOptionsSchema);
  rewriteOption(field.options, "crm.options.v1.field", rewrite);
};

/** Rewrites what is checked of a field's values (buf.validate.field). */
export const rewriteValidation = (field: FieldDescriptorProto, rewrite: Rewrite): void => {
  field.options ??= create(FieldOptionsSchema);
  rewriteOption(field.options, "buf.validate.field", rewrite);
};

/** Takes away what is said of a field's presence (google.api.field_behavior). */
export const dropFieldBehavior = (field: FieldDescriptorProto): void => {
  if (field.options !== undefined) clearExtension(field.options, extensionOf("google.api.field_behavior"));
};

const rewriteOption = (options: Message, name: string, rewrite: Rewrite): void => {
  const extension = extensionOf(name);
  if (extension.message === undefined) throw new Error(`${name} is no message`);
  const present = hasExtension(options, extension) ? (getExtension(options, extension) as Message) : undefined;
  const rules = present === undefined ? {} : toJson(extension.message, present, { registry: registry() });
  const rewritten = rewrite(rules as JsonObject);
  if (rewritten === undefined) clearExtension(options, extension);
  else setExtension(options, extension, fromJson(extension.message, rewritten, { registry: registry() }));
};

const extensionOf = (name: string): DescExtension => {
  const extension = registry().getExtension(name);
  if (extension === undefined) throw new Error(`The descriptor set lacks the option ${name}`);
  return extension;
};
