import type { Grants } from "@keynode/auth/principal";
import type { Visibility } from "@keynode/auth/visibility";
import type { DomainError } from "@keynode/decider/domain-error";
import { v7 as uuidv7 } from "uuid";
import { digestOf } from "./type-id.ts";

/** A client's promise that a repeat of the call is the same call. */
export type IdempotencyKey = {
  /** Who called; two callers may use the same key. */
  caller: string;
  /** Full name of the rpc. */
  method: string;
  /** What the client sent. */
  key: string;
  /** SHA-256 of the request; the same key with another request is refused. */
  requestHash: string;
};

/** What an actor may give to others: its own rights, and membership of the teams that its right reaches. */
export type Authority = { readonly grants: Grants; readonly teams: readonly string[] | "all" };

/** On whose behalf a command runs, until when, and how it can be told from its repeats. */
export type CommandScope = {
  tenant: string;
  /** `user_…`, `apikey_…` or `service:<name>`. */
  actor: string;
  /** Which records the actor may see; one that is out of sight is NOT_FOUND. */
  visibility: Visibility;
  /** The command takes deleted records too: who brings one back later must find it where the command left it. */
  includesDeleted?: boolean | undefined;
  /** Whoever asks has no way to give custom values, so that none is asked for: a visitor's form. */
  takesNoValues?: boolean | undefined;
  /** A reaction has none. */
  authority?: Authority | undefined;
  deadline: Date;
  /** Id of the event this command reacts to. */
  causedBy?: string | undefined;
  idempotency?: IdempotencyKey | undefined;
  /** Told of every record that the command finds as it wants it: changed now, or by an earlier call of the same. */
  wrote?: ((written: { id: string; version: number }) => void) | undefined;
  /**
   * Why the command is refused for another record that it names, given the record as it was; asked before it is decided
   * and after what it did before was looked for. Undefined where its caller may name any.
   */
  refuseNamed?: ((before: unknown) => Promise<DomainError | undefined>) | undefined;
  /** The version a client's If-Match names. */
  expectedVersion?: number | undefined;
};

/** How one command is found again: in the document's outbox, later in the journal. */
export type CommandKey = { commandKey: string; requestHash: string };

/** The key of a command on one record; without a client's key a new one, so that a lost reply can still be looked up. */
export const commandKeyOf = (scope: CommandScope, recordId: string): CommandKey => {
  const { idempotency } = scope;
  if (idempotency === undefined) return { commandKey: uuidv7(), requestHash: "" };
  const { caller, method, key, requestHash } = idempotency;
  return { commandKey: digestOf(scope.tenant, caller, method, recordId, key), requestHash };
};
