import type { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import type {
  IdentityProviderCreated,
  IdentityProviderDeleted,
  IdentityProviderEdited,
  IdentityProviderRestored,
} from "@keynode/contracts/crm/identity/v1/identity_provider_events";
import type {
  CreateIdentityProviderRequest,
  DeleteIdentityProviderRequest,
  UndeleteIdentityProviderRequest,
  UpdateIdentityProviderRequest,
} from "@keynode/contracts/crm/identity/v1/identity_provider_service";
import type { Tagged } from "@keynode/decider/decider";
import type { References } from "../references.ts";

/** The client secret goes into the state only, sealed: codecs know no such field, so it is in no event. */
type WithSecret = { sealedSecret?: string | undefined };

/** An identity provider as stored: the resource, whose `clientSecret` is always empty, and what only this service needs. */
export type IdentityProviderState = IdentityProvider & WithSecret & { nameKey?: string | undefined };

/** A client secret in a command is sealed already. */
export type IdentityProviderCommand = Tagged<{
  CreateIdentityProvider: CreateIdentityProviderRequest;
  UpdateIdentityProvider: UpdateIdentityProviderRequest;
  DeleteIdentityProvider: DeleteIdentityProviderRequest;
  UndeleteIdentityProvider: UndeleteIdentityProviderRequest;
}>;

export type IdentityProviderEvent = Tagged<{
  IdentityProviderCreated: IdentityProviderCreated & WithSecret;
  IdentityProviderEdited: IdentityProviderEdited & WithSecret;
  IdentityProviderDeleted: IdentityProviderDeleted;
  IdentityProviderRestored: IdentityProviderRestored;
}>;

/** All that a decision about an identity provider may know besides its arguments. */
export type IdentityProviderContext = {
  readonly now: Date;
  readonly references: Pick<References, "roles" | "teams" | "callerTeams">;
  /** Whether the caller holds every permission on every record. */
  readonly callerMayAll: boolean;
};
