import type { Scope, Principal } from "@keynode/auth/principal";
import type { Reach } from "@keynode/auth/access";
import type { Visibility } from "@keynode/auth/visibility";
import type { DomainError } from "@keynode/decider/domain-error";
import type { Locale } from "@keynode/decider/error-table";
import type { Origin } from "@keynode/telemetry/origin";
import type { NamedRecords } from "./references.ts";
import type { RetiredValue } from "./vocabularies.ts";

/** A record that a call has written, and its version since. */
export type Written = { readonly id: string; readonly version: number };

/** What a handler knows of the call it answers, after it was authenticated, authorised and validated. */
export type Call = {
  /** Tenant of the caller; `*` only for a service reading across tenants by an internal method. */
  readonly tenant: string;
  readonly principal: Principal;
  /** `user_…`, `apikey_…` or `service:<name>`; `anonymous` on public methods. */
  readonly actor: string;
  /** How far the caller's right to this method reaches. */
  readonly scope: Scope;
  /** The records that the caller may see under that scope. */
  readonly visibility: Visibility;
  /** The records that another right of the caller's reaches, by its scope. */
  readonly within: Reach;
  /** Full name, for example `crm.lead.v1.LeadService/CreateLead`. */
  readonly method: string;
  readonly locale: Locale;
  readonly deadline: Date;
  /** Aborts when the caller hangs up or the deadline passes. */
  readonly signal: AbortSignal;
  readonly requestId: string | undefined;
  /** From where it came, for the audit trail. */
  readonly origin: Origin;
  /** The address that the client called the gateway from, for limits and lists of addresses; it is kept nowhere. */
  readonly clientAddress: string | undefined;
  /** The client's device as people recognise it, on public methods only: `Firefox on Windows`. */
  readonly clientDevice: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** The caller wants to know what would be, and nothing may change. */
  readonly validateOnly: boolean;
  /** The etag that the record must still have. */
  readonly ifMatch: string | undefined;
  /** SHA-256 of the request's bytes in hex; empty without an idempotency key. */
  readonly requestHash: string;
  readonly traceparent: string | undefined;
  /** Consistency token that a read must have caught up with. */
  readonly consistency: string | undefined;
  /** Told of every record that the call writes; the answer's consistency token names them. */
  readonly wrote: (written: Written) => void;
  /** On batch methods: refusals of single items by their index, for the handler to put in the results. */
  readonly itemRefusals: ReadonlyMap<number, DomainError>;
  /** On updates: retired values of vocabularies, which only a record that has them already may keep. */
  readonly retiredValues: readonly RetiredValue[];
  /** The records that the request names, where its caller may be kept from any of them. */
  readonly named: NamedRecords | undefined;
};

/** Answers a unary rpc; a refusal is a value, what is thrown becomes INTERNAL. */
export type Handler<Request, Response> = (request: Request, call: Call) => Promise<Response | DomainError>;

/** Answers a server stream; a refusal yielded ends it with that status. */
export type StreamHandler<Request, Response> = (request: Request, call: Call) => AsyncIterable<Response | DomainError>;
