import type { IncomingHttpHeaders } from "node:http";
import { metadataKey } from "@keynode/grpc/metadata";
import type { Exchange } from "../exchange.ts";
import { type FieldError, type Refusal, refuse } from "../problem.ts";
import type { Route } from "./routes.ts";

/** What a client's headers ask of the call. */
export type CallHeaders = {
  /** Metadata keys and values to send along. */
  readonly forwarded: readonly (readonly [key: string, value: string])[];
  /** How long the client wants to wait, of `Prefer: wait=<seconds>` (RFC 7240 §4.3). */
  readonly waitMs: number | undefined;
  /** The last event that a client of a stream has seen: `Last-Event-ID` (WHATWG HTML §9.2.4). */
  readonly lastEventId: string | undefined;
};

/** Visible ASCII, as a gRPC metadata value can carry it. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
/** One strong entity tag (RFC 9110 §8.8.3), or `*`. */
const STRONG_ETAG = /^(?:\*|"([\x21\x23-\x7e]{1,128})")$/;
const WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i;
const EVENT_ID = /^[\x21-\x7e]{1,512}$/;
const CONSISTENCY = /^[\x21-\x7e]{1,1024}$/;

const MESSAGES = {
  "Idempotency-Key": { en: "Expected 1 to 255 visible ASCII characters.", zh: "应为 1 至 255 个可见 ASCII 字符。" },
  "If-Match": { en: 'Expected one strong entity tag such as "5", or *.', zh: '应为一个强实体标签（例如 "5"）或 *。' },
  "Keynode-Consistency": { en: "Expected a token as an answer gave it.", zh: "应为响应中给出的一致性令牌。" },
  "Last-Event-ID": { en: "Expected the id of an event of this stream.", zh: "应为该事件流中某个事件的 id。" },
  "Keynode-Validate-Only": { en: "Expected true or false.", zh: "应为 true 或 false。" },
  Prefer: { en: "Expected wait=<seconds>, at least 1.", zh: "应为 wait=<秒数>，至少为 1。" },
} as const;

/** Reads the headers that concern the call, or refuses naming every wrong one. */
export const readCallHeaders = (
  route: { readonly rules: Pick<Route["rules"], "effect" | "stream"> },
  { request, locale }: Exchange,
): CallHeaders | Refusal => {
  const { headers } = request;
  const forwarded: (readonly [string, string])[] = [];
  const errors: FieldError[] = [];
  const wrong = (header: keyof typeof MESSAGES): void => {
    errors.push({ header, code: "INVALID_HEADER", message: MESSAGES[header][locale] });
  };

  const idempotencyKey = single(headers, "idempotency-key");
  if (idempotencyKey !== undefined && route.rules.effect !== "READ") {
    // The draft has it as a quoted string, most clients send it bare: both are the same key.
    const key = idempotencyKey.replace(/^"(.*)"$/, "$1");
    if (IDEMPOTENCY_KEY.test(key)) forwarded.push([metadataKey.idempotencyKey, key]);
    else wrong("Idempotency-Key");
  }
  const { "if-match": ifMatch } = headers;
  if (ifMatch !== undefined && route.rules.effect !== "READ") {
    const match = STRONG_ETAG.exec(ifMatch.trim());
    if (match === null) wrong("If-Match");
    else if (match[1] !== undefined) forwarded.push([metadataKey.ifMatch, match[1]]);
  }
  const validateOnly = route.rules.effect === "READ" ? undefined : single(headers, "keynode-validate-only");
  if (validateOnly === "true") forwarded.push([metadataKey.validateOnly, validateOnly]);
  else if (validateOnly !== undefined && validateOnly !== "false") wrong("Keynode-Validate-Only");
  const consistency = single(headers, "keynode-consistency");
  if (consistency !== undefined) {
    if (CONSISTENCY.test(consistency)) forwarded.push([metadataKey.consistency, consistency]);
    else wrong("Keynode-Consistency");
  }
  const lastEventId = route.rules.stream?.resumeField ? single(headers, "last-event-id") || undefined : undefined;
  if (lastEventId !== undefined && !EVENT_ID.test(lastEventId)) wrong("Last-Event-ID");
  const prefer = single(headers, "prefer");
  const wait = prefer === undefined ? undefined : WAIT.exec(prefer)?.[1];
  if (prefer !== undefined && /(?:^|,)\s*wait\b/i.test(prefer) && !(Number(wait) >= 1)) wrong("Prefer");
  if (errors.length > 0) return refuse("INVALID_HEADER", locale, { errors });
  return { forwarded, waitMs: wait === undefined ? undefined : Number(wait) * 1_000, lastEventId };
};

const single = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
};

/** True when a GET's `If-None-Match` names the answer's tag: weak comparison, RFC 9110 §13.1.2. */
export const isNotModified = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
};
