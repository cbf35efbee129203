import { reactionScope, settled } from "@keynode/api/reaction";
import { eachChild } from "@keynode/runtime/children";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { ApiKeyStore } from "../api-key.ts";
import type { Contexts } from "../api/contexts.ts";

/** The API keys of a user who left are nobody's to take over: they are revoked. */
export const onUserOffboarded = (
  apiKeys: ApiKeyStore,
  { apiKey }: Contexts,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-user-offboarded",
  from: { identity: ["UserOffboarded"] },
  handle: async (event) => {
    const valid = { "state.ownerId": event.recordId, "state.revokeTime": null };
    await eachChild(apiKeys.collection, event.tenant, valid, async (id) => {
      const outcome = await apiKeys.execute(
        id,
        { type: "RevokeApiKey", id, etag: "" },
        reactionScope(name, event, now()),
        apiKey,
      );
      settled(outcome, event, log);
    });
  },
});
