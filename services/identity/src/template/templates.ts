import { fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { Template } from "@keynode/contracts/crm/identity/v1/template";
import { registry } from "@keynode/contracts/descriptors";
import retail from "./data/retail.json" with { type: "json" };
import services from "./data/services.json" with { type: "json" };
import software from "./data/software.json" with { type: "json" };

/** A template as its data file has it, in proto3 JSON. */
export const templateOf = (json: JsonValue): Template => {
  const message = registry().getMessage("crm.identity.v1.Template");
  if (message === undefined) throw new Error("the contract has no Template");
  return Template.decode(toBinary(message, fromJson(message, json, { registry: registry() })));
};

/** The data files by the templates' keys; a new template is one more file here. */
export const templateData: ReadonlyMap<string, JsonValue> = new Map(
  [retail, services, software].map((json) => [json.key, json as JsonValue]),
);

let read: ReadonlyMap<string, Template> | undefined;

/** The templates that the platform comes with, by their keys. */
export const templates = (): ReadonlyMap<string, Template> =>
  (read ??= new Map([...templateData].map(([key, json]) => [key, templateOf(json)])));
