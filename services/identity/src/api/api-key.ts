import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import type { ApiKeyServiceService } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import type { Handlers } from "@keynode/grpc/implement";
import { identityErrors } from "../domain/errors.ts";
import type { Stores } from "../stores.ts";
import { apiKeyListing } from "./api-key-list.ts";
import type { Contexts } from "./contexts.ts";
import { createApiKey } from "./create-api-key.ts";

/** One entry per rpc of ApiKeyService. */
export const apiKeyApi = (
  { apiKeys }: Pick<Stores, "apiKeys">,
  { apiKey }: Contexts,
): Handlers<typeof ApiKeyServiceService> => ({
  ...standardRpcs(apiKeys, {
    name: "ApiKey",
    field: "apiKey",
    rows: "apiKeys",
    typeName: "crm.identity.v1.ApiKey",
    fromPartial: ApiKey.fromPartial,
    listing: apiKeyListing,
    errors: withChassisErrors(identityErrors),
    context: apiKey,
  }),
  createApiKey: createApiKey(apiKeys, apiKey),
  revokeApiKey: command(apiKeys, "RevokeApiKey", apiKey),
});
