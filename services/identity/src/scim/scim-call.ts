import type { CommandScope } from "@keynode/aggregate/command-scope";
import { commandScope } from "@keynode/api/command";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { HttpBody } from "@keynode/contracts/google/api/httpbody";
import type { Call, Handler } from "@keynode/grpc/call";
import { inScimTerms } from "./scim-refusal.ts";

/**
 * A handler of SCIM: a directory sees a whole tenant or nothing of it, and is refused in SCIM's terms. Errors beside the
 * handler's: PERMISSION_DENIED for a caller whose right reaches some records only.
 */
export const scimHandler =
  <Request>(handle: Handler<Request, HttpBody>): Handler<Request, HttpBody> =>
  async (request, call) => {
    if (call.visibility.kind !== "all") return reject("PERMISSION_DENIED", { permission: "scim" });
    const outcome = await handle(request, call);
    return isDomainError(outcome) ? inScimTerms(outcome) : outcome;
  };

/** The scope of a write that takes several commands: the client's If-Match and key are the first one's. */
export const scopesOf = (call: Call): { first: CommandScope; next: CommandScope } | DomainError => {
  const first = commandScope(call);
  if (isDomainError(first)) return first;
  return { first, next: { ...first, expectedVersion: undefined, idempotency: undefined } };
};
