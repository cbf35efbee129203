import { digestOf } from "@keynode/aggregate/type-id";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import type { IdentityProviderServiceService } from "@keynode/contracts/crm/identity/v1/identity_provider_service";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import type { Handlers } from "@keynode/grpc/implement";
import { identityErrors } from "../domain/errors.ts";
import { refuseIssuer } from "../sign-on/issuer.ts";
import type { SignOnSettings } from "../sign-on/settings.ts";
import type { Stores } from "../stores.ts";
import type { Contexts } from "./contexts.ts";
import { identityProviderListing } from "./identity-provider-list.ts";

/** One entry per rpc of IdentityProviderService; `settings` is undefined where the installation has none for sign-on. */
export const identityProviderApi = (
  { identityProviders }: Pick<Stores, "identityProviders">,
  { identityProvider }: Contexts,
  settings: SignOnSettings | undefined,
): Handlers<typeof IdentityProviderServiceService> => {
  const standard = standardRpcs(identityProviders, {
    name: "IdentityProvider",
    field: "identityProvider",
    rows: "identityProviders",
    typeName: "crm.identity.v1.IdentityProvider",
    fromPartial: IdentityProvider.fromPartial,
    listing: identityProviderListing,
    errors: withChassisErrors(identityErrors),
    context: identityProvider,
    normalise: (given, { tenant }): IdentityProvider | DomainError => {
      if (settings === undefined) return reject("SIGN_ON_UNCONFIGURED");
      const refusal = given.issuer === "" ? undefined : refuseIssuer(given.issuer, settings);
      if (refusal !== undefined || given.clientSecret === "") return refusal ?? given;
      return { ...given, clientSecret: settings.sealing.seal(given.clientSecret, tenant) };
    },
  });
  return {
    ...standard,
    createIdentityProvider: (request, call) =>
      standard.createIdentityProvider(request, withoutSecret(call, request.identityProvider)),
    updateIdentityProvider: (request, call) =>
      standard.updateIdentityProvider(request, withoutSecret(call, request.identityProvider, request.updateMask)),
  };
};

/** A repeat is known by the rest of its request: a hash of the secret is not stored either. */
const withoutSecret = (call: Call, given: IdentityProvider | undefined, updateMask: readonly string[] = []): Call =>
  call.requestHash === ""
    ? call
    : { ...call, requestHash: digestOf(JSON.stringify({ ...given, clientSecret: "" }), ...updateMask) };
