import type { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import type {
  ApiKeyCreated,
  ApiKeyEdited,
  ApiKeyRevoked,
  ApiKeyUsed,
} from "@keynode/contracts/crm/identity/v1/api_key_events";
import type { RevokeApiKeyRequest, UpdateApiKeyRequest } from "@keynode/contracts/crm/identity/v1/api_key_service";
import type { Tagged } from "@keynode/decider/decider";
import type { References } from "../references.ts";

/** An API key as stored: the resource and what only this service needs. */
export type ApiKeyState = ApiKey & {
  /** SHA-256 of the secret, which is kept nowhere. */
  secretDigest?: string | undefined;
};

/** The digest goes into the state only: codecs know no such field, so it is in no event. */
type WithDigest = { readonly secretDigest?: string | undefined };

export type ApiKeyCommand = Tagged<{
  CreateApiKey: { readonly apiKey: ApiKey; readonly secretDigest: string };
  UpdateApiKey: UpdateApiKeyRequest;
  RevokeApiKey: RevokeApiKeyRequest;
  RecordApiKeyUse: object;
}>;

export type ApiKeyEvent = Tagged<{
  ApiKeyCreated: ApiKeyCreated & WithDigest;
  ApiKeyEdited: ApiKeyEdited;
  ApiKeyUsed: ApiKeyUsed;
  ApiKeyRevoked: ApiKeyRevoked;
}>;

/** All that a decision about an API key may know besides its arguments. */
export type ApiKeyContext = {
  readonly now: Date;
  readonly actor: string;
  readonly references: Pick<References, "roles" | "teams" | "callerTeams">;
};
