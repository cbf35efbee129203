import { registry, resourceRules } from "@keynode/contracts/descriptors";

/** Its resources are every service's. */
const chassis = "chassis";

/** The services that keep records, with the types of those, as the contract has them: `lead` → `lead`. */
export const recordServices = (): ReadonlyMap<string, readonly string[]> => {
  const kept = [...registry()].flatMap((message) => {
    const rules = message.kind === "message" ? resourceRules(message) : undefined;
    if (message.kind !== "message" || rules === undefined) return [];
    const [root, service = chassis] = message.file.proto.package.split(".");
    return root !== "crm" || service === chassis ? [] : [{ service, type: rules.type }];
  });
  const services = Map.groupBy(kept, ({ service }) => service);
  return new Map([...services].map(([service, types]) => [service, types.map(({ type }) => type)]));
};
