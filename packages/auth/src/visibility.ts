import type { Principal, Scope } from "./principal.ts";

/** The records that an actor may see; put into every read as a predicate, evaluated at read time. */
export type Visibility =
  | { readonly kind: "all" }
  | { readonly kind: "own"; readonly ownerId: string }
  | { readonly kind: "team"; readonly ownerId: string; readonly teamIds: readonly string[] };

/** What the principal sees under a scope: `team` includes its own records wherever they are filed. */
export const visibilityOf = ({ actor, teams }: Pick<Principal, "actor" | "teams">, scope: Scope): Visibility => {
  switch (scope) {
    case "all":
      return { kind: "all" };
    case "own":
      return { kind: "own", ownerId: actor };
    case "team":
      return { kind: "team", ownerId: actor, teamIds: teams };
  }
};
