import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";

/** What SCIM calls an error's kind (RFC 7644 §3.12). */
export type ScimType = "invalidFilter" | "invalidPath" | "invalidSyntax" | "invalidValue" | "tooMany" | "uniqueness";

/** SCIM's word for what this service refuses in its own. */
const scimTypes: Readonly<Record<string, ScimType>> = {
  SCIM_BODY_INVALID: "invalidSyntax",
  SCIM_FILTER_INVALID: "invalidFilter",
  SCIM_PATH_INVALID: "invalidPath",
  SCIM_VALUE_INVALID: "invalidValue",
  SCIM_TOO_MANY: "tooMany",
  MANAGER_NOT_FOUND: "invalidValue",
  TEAM_EXISTS: "uniqueness",
  USER_EXISTS: "uniqueness",
};

/** The same refusal, with SCIM's word for it where there is one; the gateway puts it into SCIM's error message. */
export const inScimTerms = (refusal: DomainError): DomainError => {
  const scimType = scimTypes[refusal.reason];
  return scimType === undefined ? refusal : { ...refusal, metadata: { ...refusal.metadata, scimType } };
};

export const bodyInvalid = (field: string): DomainError =>
  reject("SCIM_BODY_INVALID", {}, [{ field, reason: "SCIM_BODY_INVALID" }]);

export const pathInvalid = (path: string): DomainError => reject("SCIM_PATH_INVALID", { path: path.slice(0, 200) });

export const valuesInvalid = (fields: readonly string[]): DomainError =>
  reject(
    "SCIM_VALUE_INVALID",
    {},
    fields.map((field): FieldViolation => ({ field, reason: "SCIM_VALUE_INVALID" })),
  );
