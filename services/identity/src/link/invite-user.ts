import { derivedId, newId } from "@keynode/aggregate/type-id";
import { commandScope, shown } from "@keynode/api/command";
import type { User } from "@keynode/contracts/crm/identity/v1/user";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Link } from "../domain/user/state.ts";
import type { LinkParts } from "./link-parts.ts";
import { linkToken } from "./link-token.ts";

const goodForMs = 7 * 86_400_000;

/** Sends a user a link to choose a first password by; a repeat of the call under its key sends no second one. */
export const inviteUser =
  ({ stores: { users }, contexts, secret, maySend, now }: LinkParts) =>
  async (
    userId: string,
    call: Call,
    { etag, isFirst }: { etag: string; isFirst: boolean },
  ): Promise<User | DomainError> => {
    if (!maySend) return reject("MAIL_UNAVAILABLE");
    const scope = commandScope(call, etag);
    if (isDomainError(scope)) return scope;
    const linkId = isFirst ? derivedId("invitation", userId, "first") : newId("invitation");
    const expireTime = new Date(now().getTime() + goodForMs);
    const link: Link = { id: linkId, digest: linkToken(userId, linkId, secret).digest, expireTime };
    // The key of a first invitation is that of the user's making: its repeat is told by the link's id.
    const own = isFirst ? { ...scope, idempotency: undefined } : scope;
    const outcome = await users.execute(userId, { type: "InviteUser", link }, own, contexts.user);
    return isDomainError(outcome) ? outcome : shown(outcome);
  };
