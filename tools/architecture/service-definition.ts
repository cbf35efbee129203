import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";

/** What a service's `src/service.ts` exports; undefined for what is no such service. Throws when the file exports none. */
export const loadDefinition = async (root: string, name: string): Promise<ServiceDefinition | undefined> => {
  const file = path.join(root, "services", name, "src", "service.ts");
  if (!existsSync(file)) return undefined;
  const module: object = await import(pathToFileURL(file).href);
  const definition = Object.values(module).find(
    (value): value is ServiceDefinition =>
      typeof value === "object" && value !== null && "name" in value && "build" in value,
  );
  if (definition === undefined) throw new Error(`${name}: src/service.ts exports no service definition`);
  return definition;
};
