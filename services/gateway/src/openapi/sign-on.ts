import type { DescMethod, Registry } from "@bufbuild/protobuf";
import { documentation } from "@keynode/contracts/documentation";
import { CALLBACK_PATH, START_PATH } from "../auth/sign-on-paths.ts";
import { ANSWER_HEADERS, type Parameter, type Reference, type Response, RESPONSES } from "./components.ts";
import { jsonNames, type MessageSchemas } from "./message-schemas.ts";
import type { Operation } from "./operation.ts";

const SERVICE = "crm.identity.v1.SignOnService";
const TAG = "SignOn";

/** What the provider may send a browser back with (RFC 6749 §4.1.2, RFC 9207). */
const CALLBACK_PARAMETERS: Readonly<Record<string, string>> = {
  state: "Which sign-in it is, as the provider was told.",
  code: "What the provider vouches for the user by. Left out when it let nobody in.",
  iss: "Who the provider is.",
  error: "Why the provider let nobody in.",
  error_description: "The same in the provider's words.",
};

/** What a browser is refused with on its way through a provider. */
const REFUSALS: Readonly<Record<string, keyof typeof RESPONSES>> = {
  "400": "BadRequest",
  "401": "Unauthenticated",
  "403": "PermissionDenied",
  "404": "NotFound",
  "409": "Conflict",
  "429": "TooManyRequests",
  "431": "HeaderFieldsTooLarge",
  "500": "InternalError",
  "503": "ServiceUnavailable",
  "504": "GatewayTimeout",
};

const refusals: Record<string, Reference> = Object.fromEntries(
  Object.entries(REFUSALS).map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }]),
);

const language: Reference = { $ref: "#/components/parameters/AcceptLanguage" };

const redirect = (description: string): Response => ({
  description,
  headers: {
    ...ANSWER_HEADERS,
    Location: { $ref: "#/components/headers/Location" },
    "Set-Cookie": { $ref: "#/components/headers/SignOnCookie" },
  },
});

/**
 * The two pages of a sign-in with an identity provider, which no http rule describes: they send browsers elsewhere. Each
 * is told by the method of the contract that it asks. None where the contract has no such service.
 */
export const signOnOperations = (registry: Registry, schemas: MessageSchemas): Readonly<Record<string, Operation>> => {
  const service = registry.getService(SERVICE);
  if (service === undefined) return {};
  const { startSignOn, completeSignOn } = service.method;
  if (startSignOn === undefined || completeSignOn === undefined) throw new Error(`${SERVICE} is another than it was`);
  return {
    [START_PATH]: {
      ...told(startSignOn, "Sends a browser to an identity provider"),
      parameters: [
        { ...parameterOf(startSignOn, "identity_provider_id", schemas), name: "provider", in: "path", required: true },
        { ...parameterOf(startSignOn, "return_to", schemas), name: "returnTo", in: "query" },
        language,
      ],
      responses: { "303": redirect("To the provider."), ...refusals },
    },
    [CALLBACK_PATH]: {
      ...told(completeSignOn, "Takes a browser back from an identity provider"),
      parameters: [
        ...Object.entries(CALLBACK_PARAMETERS).map(
          ([name, description]): Parameter => ({ name, in: "query", description, schema: { type: "string" } }),
        ),
        language,
      ],
      responses: {
        "303": redirect(
          "To the page that the sign-in began with. Its fragment is `signInCode=` and the code to be sent to `POST /v1/auth:exchange`.",
        ),
        ...refusals,
      },
    },
  };
};

/** Public, and answered by a redirect. */
const told = (method: DescMethod, summary: string) => ({
  operationId: method.name,
  tags: [TAG],
  summary,
  description: jsonNames(documentation(method)),
  security: [],
});

const parameterOf = ({ input, name }: DescMethod, fieldName: string, schemas: MessageSchemas) => {
  const field = input.fields.find((one) => one.name === fieldName);
  if (field === undefined) throw new Error(`${name} takes no ${fieldName}`);
  const { description = "", ...schema } = schemas.field(field);
  return { description, schema };
};
