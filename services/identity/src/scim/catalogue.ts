import type { ScimServiceService } from "@keynode/contracts/crm/identity/v1/scim_service";
import { reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import { groupSchema } from "./group-resource.ts";
import { base, listAnswer, maxCount, scimAnswer } from "./scim-answer.ts";
import { scimHandler } from "./scim-call.ts";
import { enterpriseSchema, userSchema } from "./user-resource.ts";

type CatalogueRpc =
  | "getScimServiceProviderConfig"
  | "findScimResourceTypes"
  | "getScimResourceType"
  | "findScimSchemas"
  | "getScimSchema";

const meta = (resourceType: string, path: string) => ({ resourceType, location: `${base}/${path}` });

/** RFC 7643 §5. */
const serviceProviderConfig = {
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: maxCount },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: "oauthbearertoken",
      name: "API key",
      description: "An API key whose role grants scim.*, as Authorization: Bearer.",
      specUri: "https://www.rfc-editor.org/rfc/rfc6750",
      primary: true,
    },
  ],
  meta: meta("ServiceProviderConfig", "ServiceProviderConfig"),
};

/** RFC 7643 §6. */
const resourceTypes = [
  {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: "User",
    name: "User",
    endpoint: "/Users",
    description: "Somebody who works with the system.",
    schema: userSchema,
    schemaExtensions: [{ schema: enterpriseSchema, required: false }],
    meta: meta("ResourceType", "ResourceTypes/User"),
  },
  {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    id: "Group",
    name: "Group",
    endpoint: "/Groups",
    description: "A team of users.",
    schema: groupSchema,
    meta: meta("ResourceType", "ResourceTypes/Group"),
  },
];

type Attribute = {
  readonly name: string;
  readonly type?: "string" | "boolean" | "complex" | "reference";
  readonly description: string;
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly mutability?: "readWrite" | "readOnly" | "immutable";
  readonly uniqueness?: "none" | "server";
  readonly caseExact?: boolean;
  readonly canonicalValues?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
  readonly referenceTypes?: readonly string[];
};

/** An attribute with all that RFC 7643 §7 wants said of it. */
const attribute = ({ subAttributes, ...given }: Attribute): object => ({
  type: "string",
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: "readWrite",
  returned: "default",
  uniqueness: "none",
  ...given,
  ...(subAttributes && { subAttributes: subAttributes.map(attribute) }),
});

const schema = (id: string, name: string, description: string, attributes: readonly Attribute[]) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
  id,
  name,
  description,
  attributes: attributes.map(attribute),
  meta: meta("Schema", `Schemas/${id}`),
});

const schemas = [
  schema(userSchema, "User", "Somebody who works with the system.", [
    {
      name: "userName",
      description: "The e-mail address that the user signs in with.",
      required: true,
      uniqueness: "server",
    },
    { name: "displayName", description: "The name that the user is shown by." },
    {
      name: "name",
      type: "complex",
      description: "The name's parts. Without displayName they make up the name that is shown.",
      subAttributes: [
        {
          name: "formatted",
          mutability: "readOnly",
          description: "The name that the user is shown by; follows displayName where there is one.",
        },
        { name: "givenName", description: "The given name." },
        { name: "familyName", description: "The family name." },
      ],
    },
    {
      name: "emails",
      type: "complex",
      multiValued: true,
      mutability: "readOnly",
      description: "The user's one address, the same as userName.",
      subAttributes: [
        { name: "value", description: "The address.", mutability: "readOnly" },
        { name: "type", description: "work.", mutability: "readOnly", canonicalValues: ["work"] },
        { name: "primary", type: "boolean", description: "True.", mutability: "readOnly" },
      ],
    },
    { name: "active", type: "boolean", description: "False when the user may not sign in." },
    { name: "preferredLanguage", description: "en or zh, with or without a region." },
    {
      name: "groups",
      type: "complex",
      multiValued: true,
      mutability: "readOnly",
      description: "The user's teams.",
      subAttributes: [
        { name: "value", description: "The team's id.", mutability: "readOnly", caseExact: true },
        {
          name: "$ref",
          type: "reference",
          referenceTypes: ["Group"],
          description: "Where it is.",
          mutability: "readOnly",
        },
        { name: "type", description: "direct.", mutability: "readOnly", canonicalValues: ["direct"] },
      ],
    },
  ]),
  schema(enterpriseSchema, "EnterpriseUser", "What organisations say of their people.", [
    {
      name: "manager",
      type: "complex",
      description: "The user's manager.",
      subAttributes: [
        { name: "value", description: "The manager's id here.", caseExact: true },
        {
          name: "$ref",
          type: "reference",
          referenceTypes: ["User"],
          description: "Where it is.",
          mutability: "readOnly",
        },
      ],
    },
  ]),
  schema(groupSchema, "Group", "A team of users.", [
    { name: "displayName", description: "The team's name.", required: true, caseExact: true },
    {
      name: "members",
      type: "complex",
      multiValued: true,
      description: "The users who are in the team.",
      subAttributes: [
        { name: "value", description: "The user's id.", mutability: "immutable", caseExact: true },
        {
          name: "$ref",
          type: "reference",
          referenceTypes: ["User"],
          description: "Where it is.",
          mutability: "immutable",
        },
        { name: "type", description: "User.", mutability: "immutable", canonicalValues: ["User"] },
        { name: "display", description: "The user's name.", mutability: "readOnly" },
      ],
    },
  ]),
];

/** What SCIM tells of itself. */
export const scimCatalogue = (): Pick<Handlers<typeof ScimServiceService>, CatalogueRpc> => ({
  getScimServiceProviderConfig: scimHandler(() => Promise.resolve(scimAnswer(serviceProviderConfig))),
  findScimResourceTypes: scimHandler(() => Promise.resolve(listAnswer(resourceTypes, resourceTypes.length, 1))),
  getScimResourceType: scimHandler(({ name }) => {
    const found = resourceTypes.find(({ id }) => id === name);
    return Promise.resolve(found === undefined ? reject("NOT_FOUND", { id: name }) : scimAnswer(found));
  }),
  findScimSchemas: scimHandler(() => Promise.resolve(listAnswer(schemas, schemas.length, 1))),
  getScimSchema: scimHandler(({ uri }) => {
    const found = schemas.find(({ id }) => id === uri);
    return Promise.resolve(found === undefined ? reject("NOT_FOUND", { id: uri }) : scimAnswer(found));
  }),
});
