import type { Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { registry, type ResourceRules, resourceRules } from "@keynode/contracts/descriptors";
import type { Typed } from "@keynode/decider/decider";

/** A store of which only the records matter: what every resource has. */
export type AnyStore = Store<Resource, Typed & Record<string, unknown>, Typed, unknown>;

/** One resource that a service keeps. */
export type KeptResource = {
  readonly rules: ResourceRules;
  /** The message's short name, as in the names of its commands and events: `Lead`. */
  readonly name: string;
  readonly store: AnyStore;
};

/**
 * A service's resources by their collections. Throws for an aggregate that is no resource of the contract, or one that
 * does not say whose its records are.
 */
export const keptResources = (stores: readonly AnyStore[]): ReadonlyMap<string, KeptResource> => {
  const described = new Map(
    [...registry()].flatMap((message) => {
      if (message.kind !== "message") return [];
      const rules = resourceRules(message);
      return rules === undefined ? [] : [[rules.type, { rules, name: message.name }] as const];
    }),
  );
  return new Map(
    stores.map((store) => {
      const resource = described.get(store.aggregate.name);
      if (resource === undefined) throw new Error(`${store.aggregate.name} is no resource of the contract`);
      return [resource.rules.collection, { ...resource, store }];
    }),
  );
};
