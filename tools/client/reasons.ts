import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ErrorTable } from "@keynode/decider/error-table";
import { httpReasons, statusOfRefusal } from "@keynode/gateway/problem-reasons";
import { chassisErrors } from "@keynode/grpc/chassis-errors";
import { discoverServices } from "../launch/services.ts";
import { comment, header } from "./text.ts";

/** Why a request may be refused: what HTTP says, and what is told of it; services may share a reason and differ in both. */
export type KnownReason = {
  readonly reason: string;
  readonly statuses: ReadonlySet<number>;
  readonly texts: ReadonlySet<string>;
};

/** Every reason of the chassis, the gateway and the services, by name. */
export const knownReasons = async (root: string): Promise<KnownReason[]> => {
  const found = new Map<string, { reason: string; statuses: Set<number>; texts: Set<string> }>();
  const add = (reason: string, status: number, text: string): void => {
    const known = found.get(reason) ?? { reason, statuses: new Set(), texts: new Set() };
    known.statuses.add(status);
    known.texts.add(text);
    found.set(reason, known);
  };
  const addTable = (table: ErrorTable): void => {
    for (const [reason, { code, message }] of Object.entries(table)) {
      add(reason, statusOfRefusal(code, reason), message.en);
    }
  };
  for (const [reason, { status, message }] of Object.entries(httpReasons)) add(reason, status, message.en);
  addTable(chassisErrors);
  for (const { name } of discoverServices(root)) {
    const file = path.join(root, "services", name, "src", "service.ts");
    if (!existsSync(file)) continue;
    for (const exported of Object.values((await import(pathToFileURL(file).href)) as object)) {
      if (isDefinition(exported)) addTable(exported.errors);
    }
  }
  return [...found.values()].sort((a, b) => (a.reason < b.reason ? -1 : 1));
};

const isDefinition = (value: unknown): value is { readonly errors: ErrorTable } =>
  typeof value === "object" && value !== null && "errors" in value && "build" in value;

/** `LEAD_EXISTS` → `LeadExists`. */
const className = (reason: string): string =>
  reason.toLowerCase().replace(/(?:^|_)([a-z\d])/g, (_, letter: string) => letter.toUpperCase());

/** A module with one class for each reason; what an application does not ask for is not in its bundle. */
export const problemsModule = (reasons: readonly KnownReason[]): string => {
  const classes = reasons.map(({ reason, statuses, texts }) => {
    const status = [...statuses].sort((a, b) => a - b).join(" | ");
    const text = [...texts].join("\n");
    const metadata = new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => JSON.stringify(name)));
    const parameters = [JSON.stringify(reason), status, ...(metadata.size > 0 ? [[...metadata].join(" | ")] : [])];
    return `${comment(`${status}: ${text}`)}export const ${className(reason)} = /* @__PURE__ */ problemClass<${parameters.join(", ")}>(\n  ${JSON.stringify(reason)},\n);\n`;
  });
  const union = reasons.map(({ reason }) => `  | ${JSON.stringify(reason)}`).join("\n");
  return `${header}import { problemClass } from "./errors.ts";

${classes.join("\n")}
/** Every reason that this version of the API knows; a newer one may know more. */
export type Reason =
${union};
`;
};
