import { UserInvited, UserPasswordResetRequested } from "@keynode/contracts/crm/identity/v1/user_events";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { mailOf } from "../mail/link-mails.ts";
import type { Mailbox, MailRow } from "../mail/mailbox.ts";
import type { Post } from "../mail/post.ts";
import type { Stores } from "../stores.ts";
import type { ServerSecret } from "../token/server-secret.ts";

export type LinkPost = {
  /** Undefined where there is no mail server. */
  readonly post: Post | undefined;
  readonly mailbox: Mailbox;
  readonly secret: ServerSecret;
  readonly publicUrl: string | undefined;
};

/**
 * Sends a link by mail, or puts it into the mailbox where there is no mail server. A link that was used, ended or took
 * another's place meanwhile is not sent, so what is delivered late sends nothing old.
 */
export const onLinkIssued = (
  { users, tenants }: Pick<Stores, "users" | "tenants">,
  { post, mailbox, secret, publicUrl }: LinkPost,
  { now }: ServiceTools,
): Reactor => ({
  name: "on-link-issued",
  from: { identity: ["UserInvited", "UserPasswordResetRequested"] },
  handle: async (event) => {
    const row = rowOf(event, now());
    const everything = { kind: "all" } as const;
    const user = await users.get(row.tenant, row.userId, everything);
    const { link, active, deleteTime } = user?.state ?? {};
    if (user === undefined || link?.id !== row.linkId || !active || deleteTime !== undefined) return;
    if (row.expireTime <= now()) return;
    if (post === undefined) {
      await mailbox.put(row);
      return;
    }
    const tenant = await tenants.get(row.tenant, row.tenant, everything);
    if (tenant === undefined || publicUrl === undefined) return;
    await post.send(mailOf(row, { user: user.state, tenant: tenant.state }, { publicUrl, secret }));
  },
});

const rowOf = (event: Recorded, now: Date): MailRow => {
  const { id: _id, tenant, recordId: userId, type, data } = event;
  const about = { _id, tenant, userId, sendTime: now };
  if (type === "UserInvited") {
    const { invitationId: linkId, expireTime = now } = UserInvited.decode(data);
    return { ...about, linkId, purpose: "invitation", expireTime };
  }
  const { resetId: linkId, expireTime = now } = UserPasswordResetRequested.decode(data);
  return { ...about, linkId, purpose: "reset", expireTime };
};
