import { readdirSync } from "node:fs";
import type { DescMethod } from "@bufbuild/protobuf";
import { registry } from "@keynode/contracts/descriptors";
import { describedMethod } from "../../src/served-method.ts";
import type { MethodDefinition, ServiceDefinition } from "../../src/implement.ts";

export type ContractMethod = { readonly described: DescMethod; readonly codec: MethodDefinition };

const sources = new URL("../../../contracts/src/crm/", import.meta.url);

/** Every method of the contract with its generated codec. */
export const contractMethods = async (): Promise<ContractMethod[]> => {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("_service.ts"),
  );
  const modules = await Promise.all(
    files.map(async (file): Promise<Record<string, unknown>> => await import(new URL(file, sources).href)),
  );
  return modules
    .flatMap((module) =>
      Object.entries(module).flatMap(([name, value]) => (name.endsWith("ServiceService") ? [value] : [])),
    )
    .flatMap((definition) => Object.values(definition as ServiceDefinition))
    .flatMap((codec) => {
      const described = describedMethod(registry(), codec.path.slice(1));
      return described === undefined ? [] : [{ described, codec }];
    });
};
