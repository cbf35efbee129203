import { withChanges } from "@keynode/decider/record";
import type { ApiKeyEvent, ApiKeyState } from "./api-key.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (before: ApiKeyState | undefined, event: ApiKeyEvent): ApiKeyState => {
  const state = before as ApiKeyState;
  switch (event.type) {
    case "ApiKeyCreated":
      return { ...(event.apiKey as ApiKeyState), secretDigest: event.secretDigest };
    case "ApiKeyEdited":
      return withChanges(state, event.changes ?? {}, event.changedFields ?? []);
    case "ApiKeyUsed":
      return { ...state, lastUseTime: event.useTime };
    case "ApiKeyRevoked":
      return { ...state, revokeTime: event.revokeTime };
  }
};
