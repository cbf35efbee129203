import { type DomainError, reject } from "@keynode/decider/domain-error";
import * as oidc from "openid-client";
import { OutboundError } from "./outbound-fetch.ts";

/** What is wrong with a provider that answers. */
export type ProviderReason = "PROVIDER_MISCONFIGURED" | "PROVIDER_ANSWER_INVALID";

/** What a token endpoint says to a client that it does not know, or not as one that may do this (RFC 6749 §5.2). */
const clientErrors: ReadonlySet<string> = new Set([
  "invalid_client",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
]);

/** What the library says of settings that do not fit each other. */
const settingErrors: ReadonlySet<unknown> = new Set(["ERR_INVALID_ARG_VALUE", "ERR_INVALID_ARG_TYPE"]);

/**
 * Why a provider's answer was not accepted; `otherwise` when it was one and proves nothing. A fault of our own is thrown
 * on. Errors: PROVIDER_UNAVAILABLE, SIGN_ON_DENIED, PROVIDER_MISCONFIGURED, PROVIDER_ANSWER_INVALID.
 */
export const refusalOfProvider = (error: unknown, otherwise: ProviderReason): DomainError => {
  if (isNoAnswer(error)) return reject("PROVIDER_UNAVAILABLE");
  if (error instanceof oidc.AuthorizationResponseError) return reject("SIGN_ON_DENIED", { error: wordOf(error.error) });
  if (error instanceof oidc.ResponseBodyError) {
    return reject(clientErrors.has(error.error) ? "PROVIDER_MISCONFIGURED" : otherwise, { error: wordOf(error.error) });
  }
  if (error instanceof oidc.ClientError || error instanceof oidc.WWWAuthenticateChallengeError) {
    return reject(otherwise);
  }
  if (error instanceof TypeError && "code" in error && settingErrors.has(error.code)) {
    return reject("PROVIDER_MISCONFIGURED");
  }
  throw error;
};

const isNoAnswer = (error: unknown): boolean =>
  error instanceof OutboundError || (error instanceof Error && isNoAnswer(error.cause));

/** The provider's word is shown, its sentences are not: they may be anybody's. */
const wordOf = (error: string): string => (/^[a-z_]{1,64}$/.test(error) ? error : "unknown");
