import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { linkToken } from "../link/link-token.ts";
import type { UserState } from "../domain/user/state.ts";
import type { ServerSecret } from "../token/server-secret.ts";
import type { MailRow } from "./mailbox.ts";
import { type Mail, written } from "./mail.ts";

/** The page on which a password is chosen. The token stands behind the `#`, which browsers send to no server. */
const page = "/set-password#token=";

/** Writes the mail that a row stands for: its link is worked out here and nowhere else. */
export const mailOf = (
  { _id: id, userId, linkId, purpose, expireTime }: MailRow,
  { user, tenant }: { readonly user: UserState; readonly tenant: Tenant },
  { publicUrl, secret }: { readonly publicUrl: string; readonly secret: ServerSecret },
): Mail => {
  const link = `${publicUrl}${page}${linkToken(userId, linkId, secret).text}`;
  const said = { purpose, tenant: tenant.name, name: user.name, link, expireTime, timeZone: tenant.timeZone };
  return { id, to: user.email, ...written(said, user.language || tenant.language) };
};
