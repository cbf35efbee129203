import { pageOf } from "@keynode/api/read";
import type { MailboxServiceService } from "@keynode/contracts/crm/identity/v1/mailbox_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import { mailOf } from "../mail/link-mails.ts";
import { mailListing } from "../mail/mailbox.ts";
import { presentRecords } from "../present.ts";
import type { LinkPost } from "../reactors/on-link-issued.ts";
import type { Stores } from "../stores.ts";

/** One entry per rpc of MailboxService. The texts are written anew at each look: links lie nowhere. */
export const mailboxApi = (
  { users, tenants }: Pick<Stores, "users" | "tenants">,
  { mailbox, secret, publicUrl }: LinkPost,
): Handlers<typeof MailboxServiceService> => ({
  listMails: async (request, call) => {
    // Mails are nobody's: whoever sees less than all of the tenant sees none.
    if (call.visibility.kind !== "all") return reject("PERMISSION_DENIED");
    const page = await pageOf(mailbox.rows, mailListing, request, call);
    if (isDomainError(page)) return page;
    const { documents, nextPageToken } = page;
    const people = await presentRecords(
      users.collection,
      call.tenant,
      documents.map(({ userId }) => userId),
    );
    const tenant = await tenants.get(call.tenant, call.tenant, { kind: "all" });
    const mails = documents.flatMap((row) => {
      const user = people.get(row.userId);
      if (user === undefined || tenant === undefined || publicUrl === undefined) return [];
      const { id, to, subject, text } = mailOf(row, { user, tenant: tenant.state }, { publicUrl, secret });
      return [{ id, to, subject, text, sendTime: row.sendTime }];
    });
    return { mails, nextPageToken };
  },
});
