import { digestOf } from "../credential/credential.ts";
import type { ServerSecret } from "../token/server-secret.ts";

/**
 * The token in a link that lets a user choose a password: `knl_<26 characters of the user's id>_<secret>`. It follows
 * from the ids of user and link and a secret of the server, so it is written nowhere before it is sent.
 */
export type LinkToken = { readonly text: string; readonly userId: string; readonly digest: string };

const form = /^knl_([0-7][0-9a-hjkmnp-tv-z]{25})_[\w-]{43}$/;

export const linkToken = (userId: string, linkId: string, secret: ServerSecret): LinkToken =>
  known(`knl_${userId.slice(userId.indexOf("_") + 1)}_${secret.mac("link", userId, linkId)}`, userId);

/** The token that a text is, or undefined when it has the form of none. */
export const readLinkToken = (text: string): LinkToken | undefined => {
  const suffix = form.exec(text)?.[1];
  return suffix === undefined ? undefined : known(text, `user_${suffix}`);
};

const known = (text: string, userId: string): LinkToken => ({ text, userId, digest: digestOf(text) });
