import type { Resource } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { ResourceRules } from "@keynode/contracts/descriptors";
import { recordTypes } from "@keynode/contracts/record-types";
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
  return new Map(
    stores.map((store) => {
      const resource = recordTypes().get(store.aggregate.name);
      if (resource === undefined) throw new Error(`${store.aggregate.name} is no resource of the contract`);
      const { rules, name } = resource;
      return [rules.collection, { rules, name, store }];
    }),
  );
};
