import type { Refusal } from "./problem.ts";

export const SCIM_TYPE = "application/scim+json";

/** A refusal as SCIM has it (RFC 7644 §3.12); a service that knows the error's `scimType` says it in its metadata. */
export const scimErrorOf = ({ status, detail, metadata, errors }: Refusal) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
  status: String(status),
  ...(metadata["scimType"] !== undefined && { scimType: metadata["scimType"] }),
  detail: [detail, ...errors.map(({ field, parameter, message }) => `${parameter ?? field ?? ""}: ${message}`)].join(
    " ",
  ),
});
