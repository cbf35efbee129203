import { type Route } from "../transcoder/routes.ts";
import { ANSWER_HEADERS, type Reference, RESPONSES } from "./components.ts";
import { type Operation, tagOf } from "./operation.ts";

/** Where the document of the caller's own tenant is. */
export const TENANT_DOCUMENT_PATH = "/v1/openapi.json";

/** The method that tells a tenant's own fields. */
export const LIST_FIELDS = "crm.identity.v1.CustomFieldService/ListCustomFields";

/** What its caller is refused with: what the list of fields is. */
const REFUSALS: Readonly<Record<string, keyof typeof RESPONSES>> = {
  "304": "NotModified",
  "400": "BadRequest",
  "401": "Unauthenticated",
  "403": "PermissionDenied",
  "429": "TooManyRequests",
  "431": "HeaderFieldsTooLarge",
  "500": "InternalError",
  "503": "ServiceUnavailable",
  "504": "GatewayTimeout",
};

/** The one page of the API that no method of the contract serves. None where the contract has no custom fields. */
export const tenantDocumentOperation = (
  routes: readonly Route[],
): Readonly<Record<string, { readonly get: Operation }>> => {
  const list = routes.find(({ name }) => name === LIST_FIELDS);
  if (list === undefined) return {};
  const refusals: Record<string, Reference> = Object.fromEntries(
    Object.entries(REFUSALS).map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }]),
  );
  return {
    [TENANT_DOCUMENT_PATH]: {
      get: {
        operationId: "GetTenantOpenApi",
        tags: [tagOf(list)],
        summary: "Gets this document as the caller's tenant has it",
        description:
          "The same document with the tenant's custom fields as typed properties: their limits, choices and names in the language asked for, as far as the caller's roles see them.",
        parameters: [
          { $ref: "#/components/parameters/AcceptLanguage" },
          { $ref: "#/components/parameters/IfNoneMatch" },
        ],
        responses: {
          "200": {
            description: "The document, OpenAPI 3.1.",
            headers: { ...ANSWER_HEADERS, ETag: { $ref: "#/components/headers/ETag" } },
            content: { "application/json": { schema: { type: "object" } } },
          },
          ...refusals,
        },
        "x-permission": list.rules.permission,
      },
    },
  };
};
