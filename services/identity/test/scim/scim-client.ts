import { HttpAnswer } from "@keynode/contracts/crm/chassis/v1/http_answer";
import { HttpBody } from "@keynode/contracts/google/api/httpbody";

/** A body as an identity provider sends it. */
export const scimBody = (body: unknown): HttpBody =>
  HttpBody.fromPartial({
    contentType: "application/scim+json",
    data: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  });

/** What an answer says over HTTP. */
export const readAnswer = ({ contentType, data, extensions }: HttpBody) => {
  const { status, location, etag } = HttpAnswer.decode(extensions[0]?.value ?? Buffer.alloc(0));
  return {
    contentType,
    status: status || 200,
    location,
    etag,
    body: (data.length === 0 ? undefined : JSON.parse(data.toString())) as Resource,
  };
};

/** What tests look at of SCIM's JSON. */
export type Resource = {
  readonly id: string;
  readonly schemas: readonly string[];
  readonly userName?: string;
  readonly externalId?: string;
  readonly displayName?: string;
  readonly active?: boolean;
  readonly name?: { readonly formatted?: string; readonly givenName?: string; readonly familyName?: string };
  readonly emails?: readonly { readonly value: string }[];
  readonly preferredLanguage?: string;
  readonly groups?: readonly { readonly value: string }[];
  readonly members?: readonly { readonly value: string; readonly display: string }[];
  readonly meta: { readonly version: string; readonly location: string; readonly resourceType: string };
  readonly Resources: readonly Resource[];
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
};

export const patch = (...operations: readonly object[]) =>
  scimBody({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations });
