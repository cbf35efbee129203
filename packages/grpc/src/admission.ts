import { hash } from "node:crypto";
import { isIP } from "node:net";
import type { Metadata } from "@grpc/grpc-js";
import { type Access, reachOf, type Right } from "@keynode/auth/access";
import { isServiceActor, type Principal } from "@keynode/auth/principal";
import { noTeams } from "@keynode/auth/team-tree";
import { isAuthFailure } from "@keynode/auth/verifier";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Locale } from "@keynode/decider/error-table";
import type { Origin } from "@keynode/telemetry/origin";
import { currentTraceparent } from "@keynode/telemetry/span";
import { refuseAssignments } from "./assignments.ts";
import type { Call } from "./call.ts";
import type { Host } from "./host.ts";
import { metadataKey, textOf } from "./metadata.ts";
import { type NamedRecords, namedRecords } from "./references.ts";
import type { ServedMethod } from "./served-method.ts";
import type { Verdict } from "./validation.ts";
import { judgeVocabularies, type VocabularyVerdict } from "./vocabularies.ts";

/** What is known of a call before anyone looked at its credential. */
export type Arrival = {
  readonly metadata: Metadata;
  readonly bytes: Buffer;
  readonly locale: Locale;
  readonly deadlineMs: number;
  /** Aborts when the caller hangs up or the deadline passes. */
  readonly signal: () => AbortSignal;
  readonly wrote: Call["wrote"];
};

export type Admitted = { readonly request: unknown; readonly call: Call };

const BEARER = "Bearer ";
/** Visible ASCII, as a header value can carry it. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const MAX_REQUEST_ID_LENGTH = 128;
const MAX_DEVICE_LENGTH = 64;

/** The caller of a public method that sent no credential: it may nothing and sees nothing. */
const ANONYMOUS: Principal = { tenant: "", actor: "anonymous", roles: [], teams: [], grants: {}, policyVersion: 0 };
const NO_ITEM_REFUSALS: ReadonlyMap<number, DomainError> = new Map();

/**
 * Lets a call in or refuses it, in this order: credential, kind of caller, permission and its scope, whether it can be
 * tried, validity of the request, tenant, whom it makes a record's, values of vocabularies; a read waits for what its caller wrote. Errors: UNAUTHENTICATED, INTERNAL_METHOD, PERMISSION_DENIED,
 * TENANT_MISMATCH, MALFORMED_REQUEST, INVALID_REQUEST, INVALID_IDEMPOTENCY_KEY, INVALID_CONSISTENCY_TOKEN,
 * INVALID_VALIDATE_ONLY, VALIDATE_ONLY_NOT_OFFERED, PROJECTION_LAGGING.
 */
export const admit = async (
  method: ServedMethod,
  arrival: Arrival,
  host: Pick<Host, "verify" | "access" | "filterReadable" | "consistency" | "vocabularies" | "log" | "onDenied">,
): Promise<Admitted | DomainError> => {
  const principal = await authenticated(method, arrival.metadata, host);
  if (isDomainError(principal)) return principal;
  const denied = (refusal: DomainError): DomainError => {
    host.onDenied?.({ principal, method: method.name, origin: originOf(arrival.metadata, principal), refusal });
    return refusal;
  };
  const right = await authorized(method, principal, host.access);
  if (isDomainError(right)) return denied(right);
  const validateOnly = isValidateOnly(method, arrival.metadata);
  if (isDomainError(validateOnly)) return validateOnly;
  const read = readRequest(method, arrival);
  if (isDomainError(read)) return read;
  const { request, verdict } = read;
  if (verdict?.refusal) return verdict.refusal;
  if (method.namesTenant && !mayName(principal, request)) return denied(reject("TENANT_MISMATCH"));
  const refusals = await refuseAssignments(method, request, { principal, scope: right.scope }, host.access);
  if (isDomainError(refusals)) return refusals;
  const judged = await judgedValues(method, request, principal, arrival, host);
  if (judged.refusal) return judged.refusal;
  const itemRefusals = joined(verdict?.items, joined(refusals, judged.items));
  const named = recordsNamed(method, request, principal, arrival, host);
  const decided = { validateOnly, itemRefusals, retiredValues: judged.retired ?? [], named };
  const call = callOf(method, arrival, principal, right, decided);
  if (isDomainError(call)) return call;
  if (call.consistency !== undefined && method.rules.effect === "READ") {
    const lagging = await host.consistency?.awaitToken(call.consistency, call);
    if (lagging) return lagging;
  }
  return { request, call };
};

const authenticated = async (
  method: ServedMethod,
  metadata: Metadata,
  { verify, log }: Pick<Host, "verify" | "log">,
): Promise<Principal | DomainError> => {
  const authorization = textOf(metadata, metadataKey.authorization);
  if (authorization === undefined && method.rules.public) return ANONYMOUS;
  if (authorization === undefined || !authorization.startsWith(BEARER)) return reject("UNAUTHENTICATED");
  const principal = await verify(authorization.slice(BEARER.length));
  if (!isAuthFailure(principal)) return principal;
  log.info({ method: method.name, reason: principal.reason }, "credential refused");
  return reject("UNAUTHENTICATED");
};

const authorized = async (
  { rules }: ServedMethod,
  principal: Principal,
  access: Access,
): Promise<Right | DomainError> => {
  if (rules.internal && !isServiceActor(principal.actor)) return reject("INTERNAL_METHOD");
  if (principal.tenant === "*" && !rules.internal) return reject("TENANT_MISMATCH");
  if (rules.public)
    return { scope: "own", visibility: { kind: "own", ownerId: principal.actor }, within: reachOf(principal, noTeams) };
  return (await access.rightTo(principal, rules)) ?? reject("PERMISSION_DENIED", { permission: rules.permission });
};

const readRequest = (
  method: ServedMethod,
  { bytes, locale }: Arrival,
): { request: unknown; verdict: Verdict | undefined } | DomainError => {
  let request: unknown;
  try {
    request = method.decode(bytes);
  } catch {
    return reject("MALFORMED_REQUEST");
  }
  return { request, verdict: method.validate?.(bytes, locale) };
};

/** A request may name the caller's own tenant, or leave it out; only a service for all tenants may name another. */
const mayName = (principal: Principal, request: unknown): boolean => {
  if (principal.tenant === "*" || typeof request !== "object" || request === null) return true;
  return !("tenant" in request) || request.tenant === "" || request.tenant === principal.tenant;
};

const NETWORK = /^[\da-f.:]{2,45}\/\d{1,3}$/;
const AGENT = /^[a-z-]{1,20}$/;

const originOf = (metadata: Metadata, { session }: Principal): Origin => {
  const requestId = textOf(metadata, metadataKey.requestId)?.slice(0, MAX_REQUEST_ID_LENGTH);
  const network = textOf(metadata, metadataKey.clientNetwork);
  const agent = textOf(metadata, metadataKey.clientAgent);
  return {
    ...(requestId !== undefined && { requestId }),
    ...(session !== undefined && { sessionId: session }),
    ...(network !== undefined && NETWORK.test(network) && { network }),
    ...(agent !== undefined && AGENT.test(agent) && { agent }),
  };
};

const clientAddressOf = (metadata: Metadata): string | undefined => {
  const address = textOf(metadata, metadataKey.clientAddress);
  return address !== undefined && isIP(address) > 0 ? address : undefined;
};

const callOf = (
  method: ServedMethod,
  { metadata, bytes, locale, deadlineMs, signal, wrote }: Arrival,
  principal: Principal,
  { scope, visibility, within }: Right,
  decided: Pick<Call, "validateOnly" | "itemRefusals" | "retiredValues" | "named">,
): Call | DomainError => {
  const idempotencyKey = method.rules.effect === "READ" ? undefined : textOf(metadata, metadataKey.idempotencyKey);
  if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) return reject("INVALID_IDEMPOTENCY_KEY");
  const origin = originOf(metadata, principal);
  return {
    tenant: principal.tenant,
    principal,
    actor: principal.actor,
    scope,
    visibility,
    within,
    method: method.name,
    locale,
    deadline: new Date(deadlineMs),
    get signal() {
      return signal();
    },
    requestId: origin.requestId,
    origin,
    clientAddress: clientAddressOf(metadata),
    clientDevice: textOf(metadata, metadataKey.clientDevice)?.slice(0, MAX_DEVICE_LENGTH),
    idempotencyKey,
    requestHash: idempotencyKey === undefined ? "" : hash("sha256", bytes, "hex"),
    ifMatch: textOf(metadata, metadataKey.ifMatch),
    traceparent: currentTraceparent(),
    consistency: textOf(metadata, metadataKey.consistency),
    wrote,
    ...decided,
  };
};

const NOTHING_JUDGED: VocabularyVerdict = {};

const judgedValues = async (
  { vocabulary }: ServedMethod,
  request: unknown,
  { tenant }: Principal,
  { locale }: Arrival,
  { vocabularies }: Pick<Host, "vocabularies">,
): Promise<VocabularyVerdict> =>
  vocabulary === undefined || vocabularies === undefined
    ? NOTHING_JUDGED
    : await judgeVocabularies(vocabulary, request, vocabularies, { tenant, locale });

const recordsNamed = (
  { references }: ServedMethod,
  request: unknown,
  principal: Principal,
  { deadlineMs }: Arrival,
  { filterReadable }: Pick<Host, "filterReadable">,
): NamedRecords | undefined =>
  references === undefined || filterReadable === undefined
    ? undefined
    : namedRecords(references, request, principal, new Date(deadlineMs), filterReadable);

/** Reads have no effect to be spared; whatever else is asked for what it cannot do is not run at all. */
const isValidateOnly = (method: ServedMethod, metadata: Metadata): boolean | DomainError => {
  const asked = textOf(metadata, metadataKey.validateOnly);
  if (asked === undefined || method.rules.effect === "READ") return false;
  if (asked !== "true") return asked === "false" ? false : reject("INVALID_VALIDATE_ONLY");
  return method.stream || !method.isDryRunnable ? reject("VALIDATE_ONLY_NOT_OFFERED") : true;
};

/** What is wrong with an item's form comes before whom it is for, and that before what it chooses. */
const joined = (
  first: Call["itemRefusals"] = NO_ITEM_REFUSALS,
  second: Call["itemRefusals"] = NO_ITEM_REFUSALS,
): Call["itemRefusals"] => (second.size === 0 ? first : new Map([...second, ...first]));
