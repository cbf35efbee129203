import { httpRule, registry } from "@keynode/contracts/descriptors";

/** What can be listed, read off the contract: `/v1/leads` makes `leads` a collection. */
export const listedCollections = (): ReadonlySet<string> => {
  const methods = [...registry()].flatMap((each) => (each.kind === "service" ? each.methods : []));
  return new Set(
    methods
      .filter(({ name }) => name.startsWith("List"))
      .flatMap((method) => /^\/v1\/([A-Za-z]+)$/.exec(httpRule(method)?.path ?? "")?.[1] ?? []),
  );
};
