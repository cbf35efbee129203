import type { Refusal } from "./problem.ts";

export const SCIM_TYPE = "application/scim+json";

/**
 * A refusal as SCIM has it (RFC 7644 §3.12). A service that knows the error's `scimType` says it in its metadata; the
 * gateway itself finds nothing wrong with a body but how it is written.
 */
export const scimErrorOf = ({ status, detail, metadata, errors }: Refusal) => {
  const isBodys = errors.some(({ pointer }) => pointer !== undefined);
  const scimType = metadata["scimType"] ?? (isBodys ? "invalidSyntax" : undefined);
  const places = errors.map(({ field, parameter, pointer, message }) => {
    return `${parameter ?? pointer ?? field ?? ""}: ${message}`;
  });
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: String(status),
    ...(scimType !== undefined && { scimType }),
    detail: [detail, ...places].join(" "),
  };
};
