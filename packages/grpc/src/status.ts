import type { Any } from "@keynode/contracts/google/protobuf/any";
import {
  BadRequest,
  ErrorInfo,
  LocalizedMessage,
  PreconditionFailure,
  ResourceInfo,
  RetryInfo,
} from "@keynode/contracts/google/rpc/error_details";
import { Status } from "@keynode/contracts/google/rpc/status";
import { typeOfId } from "@keynode/contracts/record-types";
import type { DomainError, FieldViolation } from "@keynode/decider/domain-error";
import { type ErrorTable, type Locale, type Refusal, refusalMessage } from "@keynode/decider/error-table";
import { status as codes, Metadata } from "@grpc/grpc-js";

/** Name of a google.rpc.Code. */
export type CodeName = keyof typeof codes;

/** `ErrorInfo.domain` of every refusal of ours. */
export const ERROR_DOMAIN = "keynode";

const DETAILS_KEY = "grpc-status-details-bin";
const TYPE_URL = "type.googleapis.com/google.rpc.";
/** How long a caller should wait before trying again, when the refusal does not say: milliseconds. */
const DEFAULT_RETRY_DELAY_MS = 1_000;
/** Trailers share a header block of 64 KiB; more bad fields than this are counted, not named. */
const MAX_VIOLATIONS = 100;
const MAX_TEXT_LENGTH = 300;

/** One wrong field as a caller sees it. */
export type ReportedViolation = { readonly field: string; readonly reason: string; readonly description: string };

/** What a google.rpc.Status tells besides code and message. */
export type StatusDetails = {
  /** Key of an error table; undefined when the answer is not one of our refusals. */
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly ReportedViolation[];
  readonly resource: { readonly type: string; readonly name: string } | undefined;
  readonly retryDelayMs: number | undefined;
  /** The message for people, in the caller's language. */
  readonly localized: { readonly locale: string; readonly message: string } | undefined;
};

export const codeName = (code: number): CodeName => (codes[code] as CodeName | undefined) ?? "UNKNOWN";

/**
 * A refusal as google.rpc.Status: ErrorInfo and LocalizedMessage always, BadRequest when fields are
 * wrong, ResourceInfo, PreconditionFailure or RetryInfo as the code asks. `metadata.id` names the
 * resource and `metadata.retryAfterMs` the delay. Undefined when the table lacks the reason.
 */
export const statusOf = (error: DomainError, errors: ErrorTable, locale: Locale): Status | undefined => {
  const refusal = refusalOf(errors, error.reason);
  if (refusal === undefined) return undefined;
  return {
    code: codes[refusal.code],
    message: wireText(refusalMessage(refusal, "en", error.metadata)),
    details: detailsOf(error, refusal, errors, locale),
  };
};

const refusalOf = (errors: ErrorTable, reason: string): Refusal | undefined =>
  Object.hasOwn(errors, reason) ? errors[reason] : undefined;

const detailsOf = (error: DomainError, refusal: Refusal, errors: ErrorTable, locale: Locale): Any[] => {
  const { reason, metadata, violations } = error;
  const message = wireText(refusalMessage(refusal, locale, metadata));
  const omitted = violations.length - MAX_VIOLATIONS;
  const details = [
    any("ErrorInfo", ErrorInfo, {
      reason,
      domain: ERROR_DOMAIN,
      metadata: omitted > 0 ? { ...metadata, violationsOmitted: String(omitted) } : { ...metadata },
    }),
    any("LocalizedMessage", LocalizedMessage, { locale, message }),
  ];
  if (violations.length > 0) {
    const fieldViolations = violations.slice(0, MAX_VIOLATIONS).map((violation) => ({
      field: violation.field,
      reason: violation.reason,
      description: wireText(describe(violation, errors, locale, metadata)),
    }));
    details.push(any("BadRequest", BadRequest, { fieldViolations }));
  }
  const id = metadata["id"] ?? "";
  if (refusal.code === "FAILED_PRECONDITION") {
    const violation = { type: reason, subject: id, description: message };
    details.push(any("PreconditionFailure", PreconditionFailure, { violations: [violation] }));
  }
  if ((refusal.code === "NOT_FOUND" || refusal.code === "ALREADY_EXISTS") && id !== "") {
    const resourceType = typeOfId(id);
    details.push(
      any("ResourceInfo", ResourceInfo, { resourceType, resourceName: id, owner: "", description: message }),
    );
  }
  const delayMs = retryDelayMs(refusal, metadata["retryAfterMs"]);
  if (delayMs !== undefined) {
    const retryDelay = { seconds: BigInt(Math.floor(delayMs / 1_000)), nanos: (delayMs % 1_000) * 1_000_000 };
    details.push(any("RetryInfo", RetryInfo, { retryDelay }));
  }
  return details;
};

/** Lone surrogates would break the percent-encoding of `grpc-message`. */
const wireText = (text: string): string =>
  (text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text).toWellFormed();

const describe = (
  { reason, description }: FieldViolation,
  errors: ErrorTable,
  locale: Locale,
  metadata: Readonly<Record<string, string>>,
): string => {
  if (description !== undefined) return description;
  const known = refusalOf(errors, reason);
  return known ? refusalMessage(known, locale, metadata) : reason;
};

const retryDelayMs = ({ code }: Refusal, asked: string | undefined): number | undefined => {
  if (asked !== undefined && /^\d{1,9}$/.test(asked)) return Number(asked);
  return code === "UNAVAILABLE" || code === "RESOURCE_EXHAUSTED" ? DEFAULT_RETRY_DELAY_MS : undefined;
};

type Codec<Message> = {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
};

const any = <Message>(name: string, codec: Codec<Message>, message: Message): Any => ({
  typeUrl: TYPE_URL + name,
  value: asBuffer(codec.encode(message).finish()),
});

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The trailers that carry a status with its details. */
export const statusTrailers = (status: Status): Metadata => {
  const trailers = new Metadata();
  trailers.set(DETAILS_KEY, asBuffer(Status.encode(status).finish()));
  return trailers;
};

/** The status that trailers carry; undefined when they carry none or it cannot be read. */
export const statusFromTrailers = (trailers: Metadata | undefined): Status | undefined => {
  const [value] = trailers?.get(DETAILS_KEY) ?? [];
  if (!Buffer.isBuffer(value)) return undefined;
  try {
    return Status.decode(value);
  } catch {
    return undefined;
  }
};

const NO_DETAILS: StatusDetails = {
  reason: undefined,
  metadata: {},
  violations: [],
  resource: undefined,
  retryDelayMs: undefined,
  localized: undefined,
};

/** Reads the details of a status; those of a type not ours are passed over. */
export const readDetails = (status: Status | undefined): StatusDetails => {
  if (status === undefined) return NO_DETAILS;
  const find = <Message>(name: string, codec: Codec<Message>): Message | undefined => {
    const found = status.details.find((detail) => detail.typeUrl === TYPE_URL + name);
    return found && codec.decode(found.value);
  };
  const info = find("ErrorInfo", ErrorInfo);
  const resource = find("ResourceInfo", ResourceInfo);
  const retryDelay = find("RetryInfo", RetryInfo)?.retryDelay;
  return {
    reason: info?.domain === ERROR_DOMAIN ? info.reason : undefined,
    metadata: info?.metadata ?? {},
    violations: (find("BadRequest", BadRequest)?.fieldViolations ?? []).map(({ field, reason, description }) => ({
      field,
      reason,
      description,
    })),
    resource: resource && { type: resource.resourceType, name: resource.resourceName },
    retryDelayMs: retryDelay && Number(retryDelay.seconds) * 1_000 + retryDelay.nanos / 1_000_000,
    localized: find("LocalizedMessage", LocalizedMessage),
  };
};

/** The refusal that a status tells of, for a service that passes on another's; undefined when it is none of ours. */
export const domainErrorOf = (status: Status): DomainError | undefined => {
  const { reason, metadata, violations } = readDetails(status);
  return reason === undefined ? undefined : { kind: "DomainError", reason, metadata, violations };
};
