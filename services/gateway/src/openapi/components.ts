import type { JsonValue } from "@bufbuild/protobuf";
import type { JsonSchema } from "./json-schema.ts";

/** A header or parameter as OpenAPI describes it. */
export type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
  readonly style?: string;
  readonly explode?: boolean;
  readonly example?: JsonValue;
};

export type Reference = { readonly $ref: string };
export type Response = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Reference>>;
  readonly content?: Readonly<Record<string, MediaType>>;
};

export type MediaType = { readonly schema: JsonSchema; readonly example?: JsonValue };

const header = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: "header",
  description,
  schema,
});

export const PARAMETERS = {
  IdempotencyKey: header(
    "Idempotency-Key",
    "Makes a repeat safe: a second request with the same key and the same content gets the first one's answer, with other content `KEY_REUSED` (422).",
    { type: "string", pattern: "^[!-~]+$", minLength: 1, maxLength: 255 },
  ),
  IfMatch: header(
    "If-Match",
    "The record must still have this entity tag, or the request is refused with `ETAG_MISMATCH` (412).",
    {
      type: "string",
      pattern: '^(\\*|"[!#-~]{1,128}")$',
    },
  ),
  IfNoneMatch: header("If-None-Match", "Answers 304 when the answer still has this entity tag.", { type: "string" }),
  LastEventId: header("Last-Event-ID", "Goes on behind this event: the `id` of the last one that was read, if any.", {
    type: "string",
    pattern: "^[!-~]*$",
    maxLength: 512,
  }),
  ValidateOnly: header(
    "Keynode-Validate-Only",
    "`true`: everything is checked and the answer is what it would be, but nothing changes (AIP-163). Refused with `VALIDATE_ONLY_NOT_OFFERED` (400) where that cannot be promised.",
    { type: "string", enum: ["true", "false"] },
  ),
  AcceptLanguage: header("Accept-Language", "Language of messages: `en` or `zh`.", { type: "string" }),
  Prefer: header(
    "Prefer",
    "`wait=<seconds>`: how long the client will wait (RFC 7240), never longer than the gateway's own limit. Other preferences are passed over.",
    { type: "string" },
  ),
  KeynodeConsistency: header(
    "Keynode-Consistency",
    "The token of an earlier answer: a read waits until it has seen that change, or is refused with `PROJECTION_LAGGING` (503).",
    { type: "string", pattern: "^[!-~]+$", minLength: 1, maxLength: 1024 },
  ),
} as const satisfies Record<string, Parameter>;

export const HEADERS = {
  ETag: {
    description:
      "A record's version, to be sent back as `If-Match` or `If-None-Match`; of other answers a weak digest, for `If-None-Match`.",
    schema: { type: "string" },
  },
  "Keynode-Consistency": {
    description: "Names this change, for reads that must have seen it.",
    schema: { type: "string" },
  },
  "X-Request-Id": {
    description: "Identifies the request in logs; the client's own when it sent one.",
    schema: { type: "string" },
  },
  Deprecation: {
    description: "Since when new callers should use something else, in seconds since 1970 behind an @ (RFC 9745).",
    schema: { type: "string" },
  },
  Sunset: { description: "From when on the method may be gone (RFC 8594).", schema: { type: "string" } },
  Link: { description: "What to use instead.", schema: { type: "string" } },
  RateLimit: { description: "What is left before requests are refused.", schema: { type: "string" } },
  "RateLimit-Policy": { description: "The limits that apply.", schema: { type: "string" } },
  Location: { description: "Where to go on.", schema: { type: "string", format: "uri-reference" } },
  SignOnCookie: {
    description: "Binds the sign-in to this browser for ten minutes; taken back with its one use.",
    schema: { type: "string" },
  },
  "Retry-After": { description: "Seconds until it is worth trying again.", schema: { type: "integer", minimum: 1 } },
} as const;

const headerRefs = (...names: (keyof typeof HEADERS)[]): Record<string, Reference> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

export const ANSWER_HEADERS = headerRefs("X-Request-Id", "RateLimit", "RateLimit-Policy");
export const RECORD_HEADERS = headerRefs(
  "ETag",
  "Keynode-Consistency",
  "X-Request-Id",
  "RateLimit",
  "RateLimit-Policy",
);

export const DEPRECATION_HEADERS = headerRefs("Deprecation", "Sunset", "Link");

const problem = (description: string, ...headers: (keyof typeof HEADERS)[]): Response => ({
  description,
  headers: headerRefs("X-Request-Id", ...headers),
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

export const RESPONSES = {
  NotModified: { description: "Nothing has changed.", headers: headerRefs("ETag") },
  BadRequest: problem("The request is not valid; `errors` names every wrong place."),
  Unauthenticated: problem("No valid credential was sent."),
  PermissionDenied: problem("The caller lacks the permission."),
  NotFound: problem("There is no such record, or the caller may not see it."),
  NotAcceptable: problem("The answer is not offered in any type that `Accept` names."),
  Conflict: problem("The record's state does not allow it, or somebody else changes it; `code` says which."),
  PreconditionFailed: problem("The record has changed since it was read: `ETAG_MISMATCH`."),
  ContentTooLarge: problem("The body is too large."),
  UnsupportedMediaType: problem("The body is of another type than the one that is taken."),
  UnprocessableContent: problem("The idempotency key was used before with another request: `KEY_REUSED`."),
  TooManyRequests: problem("Too many requests.", "Retry-After", "RateLimit", "RateLimit-Policy"),
  HeaderFieldsTooLarge: problem("The URL and the header fields are larger than 64 KiB together."),
  InternalError: problem("Something went wrong on our side; `requestId` helps to find it."),
  NotImplemented: problem("The service does not offer this yet."),
  ServiceUnavailable: problem("The service cannot be reached, or has not caught up.", "Retry-After"),
  GatewayTimeout: problem("The service took too long."),
} as const satisfies Record<string, Response>;

export const SCIM_ERROR_SCHEMA: JsonSchema = {
  type: "object",
  description: "Why a request was not answered as asked (RFC 7644, section 3.12).",
  properties: {
    schemas: { type: "array", items: { type: "string" } },
    status: { type: "string", description: "The HTTP status." },
    scimType: { type: "string", description: "SCIM's word for the kind of error, where it has one." },
    detail: { type: "string", description: "What went wrong, in the client's language." },
  },
  required: ["schemas", "status", "detail"],
};

export const PROBLEM_SCHEMA: JsonSchema = {
  type: "object",
  description: "Why a request was not answered as asked (RFC 9457).",
  properties: {
    type: { type: "string", format: "uri-reference", description: "Page that explains the reason." },
    title: { type: "string", description: "The status in words." },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string", description: "What went wrong, in the client's language." },
    instance: { type: "string", format: "uri-reference", description: "The path that was asked for." },
    code: { type: "string", pattern: "^[A-Z][A-Z0-9_]*$", description: "The reason, for programs to act on." },
    requestId: { type: "string", description: "Quote it when reporting a fault." },
    errors: {
      type: "array",
      description: "Every wrong place.",
      items: {
        type: "object",
        properties: {
          pointer: { type: "string", description: "JSON pointer into the body, as a URI fragment." },
          parameter: { type: "string", description: "Name of a path or query parameter." },
          header: { type: "string", description: "Name of a header." },
          field: { type: "string", description: "The field as the contract names it." },
          code: { type: "string", description: "What is wrong, for programs." },
          message: { type: "string", description: "What is wrong, in the client's language." },
        },
        required: ["code", "message"],
      },
    },
    metadata: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "What belongs to the reason, such as an id.",
    },
  },
  required: ["type", "title", "status", "detail", "instance", "code", "requestId"],
};
