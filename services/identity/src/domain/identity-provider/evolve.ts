import { withChanges } from "@keynode/decider/record";
import type { IdentityProviderEvent, IdentityProviderState } from "./identity-provider.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (
  before: IdentityProviderState | undefined,
  event: IdentityProviderEvent,
): IdentityProviderState => {
  const state = before as IdentityProviderState;
  switch (event.type) {
    case "IdentityProviderCreated":
      return { ...(event.identityProvider as IdentityProviderState), sealedSecret: event.sealedSecret };
    case "IdentityProviderEdited": {
      const { changes = {}, changedFields = [], sealedSecret } = event;
      const after = withChanges(state, changes, changedFields);
      if (!changedFields.includes("client_secret")) return after;
      return { ...after, clientSecret: "", sealedSecret, secretKept: sealedSecret !== undefined };
    }
    case "IdentityProviderDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "IdentityProviderRestored":
      return { ...state, deleteTime: undefined };
  }
};
