import { commandScope, shown } from "@keynode/api/command";
import { inputOf } from "@keynode/api/input";
import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import type { CreateApiKeyRequest, CreateApiKeyResponse } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import { sameSecret } from "@keynode/decider/same-secret";
import type { Handler } from "@keynode/grpc/call";
import type { ApiKeyStore } from "../api-key.ts";
import { apiKeyIdOf, newApiKey, prefixOf } from "../credential/credential.ts";
import type { Contexts } from "./contexts.ts";

/** Makes a key and shows its secret. A repeat has none to show: ALREADY_EXISTS, with the id of what the first call made. */
export const createApiKey = (
  apiKeys: ApiKeyStore,
  context: Contexts["apiKey"],
): Handler<CreateApiKeyRequest, CreateApiKeyResponse> => {
  const input = inputOf<ApiKey>({ typeName: "crm.identity.v1.ApiKey", fromPartial: ApiKey.fromPartial }, "api_key.");
  return async ({ apiKey: asked }, call) => {
    const given = input.ofCreate(asked ?? ApiKey.fromPartial({}));
    if (isDomainError(given)) return given;
    const scope = commandScope(call);
    if (isDomainError(scope)) return scope;
    const { tenant, actor, principal, method, idempotencyKey } = call;
    const seed = idempotencyKey && JSON.stringify([tenant, actor, method, idempotencyKey]);
    const { text: secret, digest: secretDigest } = newApiKey(seed);
    const prefix = prefixOf(secret);
    const id = apiKeyIdOf(prefix);
    const apiKey = { ...given, ownerId: actor, teamId: principal.teams[0] ?? "", prefix };
    const outcome = await apiKeys.create({ type: "CreateApiKey", apiKey, secretDigest }, scope, context, id);
    if (isDomainError(outcome)) return outcome;
    // The answer to a lost reply is rebuilt from an event, which holds no digest: the record tells whose secret it has.
    const kept = await apiKeys.get(tenant, id, { kind: "all" });
    return sameSecret(kept?.state.secretDigest, secretDigest)
      ? { apiKey: shown(outcome), secret }
      : reject("ALREADY_EXISTS", { id });
  };
};
