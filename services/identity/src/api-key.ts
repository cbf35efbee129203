import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/identity/v1/api_key_events";
import { listIndexes } from "@keynode/query/listing";
import { apiKeyListing } from "./api/api-key-list.ts";
import type { ApiKeyCommand, ApiKeyContext, ApiKeyEvent, ApiKeyState } from "./domain/api-key/api-key.ts";
import { decide } from "./domain/api-key/decide.ts";
import { evolve } from "./domain/api-key/evolve.ts";

export const apiKeyAggregate = defineAggregate<ApiKeyState, ApiKeyCommand, ApiKeyEvent, ApiKeyContext>({
  name: "apikey",
  collection: "apiKeys",
  decider: { decide, evolve },
  events: codecs,
  indexes: listIndexes(apiKeyListing),
});

export type ApiKeyStore = Store<ApiKeyState, ApiKeyCommand, ApiKeyEvent, ApiKeyContext>;
