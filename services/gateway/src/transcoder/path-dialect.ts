import type { MethodRules } from "@keynode/contracts/descriptors";
import type { Route } from "./routes.ts";

/** In whose words is refused what stands at a path and is no route; undefined for the platform's own. */
export type PathDialect = (path: string) => MethodRules["dialect"];

/** A path is of a dialect when all routes that begin as it does are: `/scim/v2/Me` among those of `/scim`. */
export const pathDialects = (routes: readonly Pick<Route, "template" | "rules">[]): PathDialect => {
  const dialects = new Map<string, MethodRules["dialect"]>();
  for (const { template, rules } of routes) {
    const [first] = template.segments;
    if (first?.kind !== "literal") continue;
    const isShared = !dialects.has(first.text) || dialects.get(first.text) === rules.dialect;
    dialects.set(first.text, isShared ? rules.dialect : undefined);
  }
  return (path) => dialects.get(path.split("/", 2)[1] ?? "");
};
