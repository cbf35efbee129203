import { readFileSync } from "node:fs";
import type { JsonValue } from "@bufbuild/protobuf";

/** A call as a test made it, in proto3 JSON: shortened, and without secrets. */
export type Example = { readonly request: JsonValue; readonly response: JsonValue };

let read: Readonly<Record<string, Example>> | undefined;

/** One call of each method by its name, `crm.lead.v1.LeadService/GetLead`; `npm run examples` takes them from tests. */
export const examples = (): Readonly<Record<string, Example>> =>
  (read ??= JSON.parse(readFileSync(new URL("../examples.json", import.meta.url), "utf8")));
