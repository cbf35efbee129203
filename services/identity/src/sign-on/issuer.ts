import { type DomainError, reject } from "@keynode/decider/domain-error";

/** Which addresses a provider may have. */
export type IssuerRules = {
  /** True to let providers be in this installation's own network, and without TLS. */
  readonly privateNetwork: boolean;
};

/** An issuer identifier is an https URL without query and fragment (OpenID Connect Core §2). Errors: ISSUER_REFUSED. */
export const refuseIssuer = (issuer: string, { privateNetwork }: IssuerRules): DomainError | undefined => {
  const url = URL.parse(issuer);
  const fits =
    url !== null &&
    (url.protocol === "https:" || (privateNetwork && url.protocol === "http:")) &&
    [url.search, url.hash, url.username, url.password].every((part) => part === "") &&
    !/[?#]/.test(issuer);
  if (fits) return undefined;
  const reason = "ISSUER_REFUSED";
  return reject(reason, {}, [{ field: "identity_provider.issuer", reason }]);
};
