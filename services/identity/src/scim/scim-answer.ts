import { HttpAnswer } from "@keynode/contracts/crm/chassis/v1/http_answer";
import { HttpBody } from "@keynode/contracts/google/api/httpbody";

export const scimType = "application/scim+json";

/** Where SCIM's resources are. */
export const base = "/scim/v2";

const httpAnswer = (answer: Partial<HttpAnswer>) => ({
  typeUrl: "type.googleapis.com/crm.chassis.v1.HttpAnswer",
  value: Buffer.from(HttpAnswer.encode(HttpAnswer.fromPartial(answer)).finish()),
});

/** An answer in SCIM's JSON; `more` says what HTTP tells beside it. */
export const scimAnswer = (body: object, more?: Partial<HttpAnswer>): HttpBody =>
  HttpBody.fromPartial({
    contentType: scimType,
    data: Buffer.from(JSON.stringify(body)),
    extensions: more === undefined ? [] : [httpAnswer(more)],
  });

/** The answer to a deletion. */
export const nothing = (): HttpBody => HttpBody.fromPartial({ extensions: [httpAnswer({ status: 204 })] });

/** Some resources of all that there are (RFC 7644 §3.4.2). */
export const listAnswer = (resources: readonly object[], totalResults: number, startIndex: number): HttpBody =>
  scimAnswer({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  });

/** Leaves out what a client does not want; `schemas`, `id` and `meta` are always answered. */
export const selected = (
  resource: Readonly<Record<string, unknown>>,
  { attributes, excludedAttributes }: { readonly attributes: string; readonly excludedAttributes: string },
): object => {
  const named = (list: string) => new Set(list.split(",").map((name) => topOf(name.trim().toLowerCase())));
  const wanted = attributes === "" ? undefined : named(attributes);
  const unwanted = named(excludedAttributes);
  return Object.fromEntries(
    Object.entries(resource).filter(([name]) => {
      if (always.has(name)) return true;
      const known = topOf(name.toLowerCase());
      return (wanted === undefined || wanted.has(known)) && !unwanted.has(known);
    }),
  );
};

const always: ReadonlySet<string> = new Set(["schemas", "id", "meta"]);

/** `name.givenName` is a part of `name`, which is answered whole; a schema's URI stays what it is. */
const topOf = (name: string): string => (name.startsWith("urn:") ? name : (name.split(".")[0] ?? name));

/** What clients may ask for of a list. */
export type ListWish = { readonly startIndex: number; readonly count?: number | undefined };

const defaultCount = 100;
export const maxCount = 200;

/** Numbers that make no sense are taken for the nearest that do (RFC 7644 §3.4.2.4). */
export const pageOf = ({ startIndex, count }: ListWish): { startIndex: number; count: number } => ({
  startIndex: Math.max(startIndex, 1),
  count: Math.min(Math.max(count ?? defaultCount, 0), maxCount),
});
