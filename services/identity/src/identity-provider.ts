import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/identity_provider_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { identityProviderListing } from "./api/identity-provider-list.ts";
import { decide } from "./domain/identity-provider/decide.ts";
import { evolve } from "./domain/identity-provider/evolve.ts";
import type {
  IdentityProviderCommand,
  IdentityProviderContext,
  IdentityProviderEvent,
  IdentityProviderState,
} from "./domain/identity-provider/identity-provider.ts";

export const identityProviderAggregate = defineAggregate<
  IdentityProviderState,
  IdentityProviderCommand,
  IdentityProviderEvent,
  IdentityProviderContext
>({
  name: "identityprovider",
  collection: "identityProviders",
  decider: { decide, evolve },
  events: codecs,
  derive: ({ name }) => ({ nameKey: sortKey(name) }),
  onDeleted: ["DeleteIdentityProvider", "UndeleteIdentityProvider"],
  indexes: listIndexes(identityProviderListing),
});

export type IdentityProviderStore = Store<
  IdentityProviderState,
  IdentityProviderCommand,
  IdentityProviderEvent,
  IdentityProviderContext
>;
