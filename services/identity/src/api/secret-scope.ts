import type { CommandScope, IdempotencyKey } from "@keynode/aggregate/command-scope";
import { digestOf } from "@keynode/aggregate/type-id";
import { commandScope } from "@keynode/api/command";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";

/**
 * The scope of a call whose request holds a password. The hash of its bytes, by which a repeat is known, would be stored
 * and let anybody who reads it try passwords at a billion a second: what stands in its place covers the rest of the
 * request, so a repeat under the same key with another password gets the first answer and changes nothing.
 */
export const secretScope = (call: Call, rest: readonly string[], etag?: string): CommandScope | DomainError => {
  const scope = commandScope(call, etag);
  if (isDomainError(scope) || scope.idempotency === undefined) return scope;
  return { ...scope, idempotency: { ...scope.idempotency, requestHash: digestOf(...rest) } };
};

/**
 * The key of a call that needs no credential, on the user whom it turns out to be about, who stands for its caller.
 * `content` tells the request from others under the same key, and is no secret that could be guessed.
 */
export const keyAbout = (
  { method, idempotencyKey: key }: Pick<Call, "method" | "idempotencyKey">,
  userId: string,
  content: string,
): IdempotencyKey | undefined =>
  key === undefined ? undefined : { caller: userId, method, key, requestHash: digestOf(content) };
