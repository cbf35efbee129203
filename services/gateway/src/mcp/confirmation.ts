import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { Principal } from "@keynode/auth/principal";

/** A change that was shown and waits for a word: everything that doing it takes. */
export type Change = {
  /** The tool that showed it. */
  readonly tool: string;
  /** The request's bytes. */
  readonly message: Buffer;
  /** The version that the record must still have; empty for what makes one, or names its own. */
  readonly etag: string;
  /** What makes the change happen once, however often it is asked for. */
  readonly idempotencyKey: string;
};

export type Confirmations = {
  /** A key for a change that is not shown yet: what it would make is shown under the id that it will have. */
  readonly newKey: () => string;
  readonly seal: (change: Change, caller: Holder) => { readonly token: string; readonly expireTime: Date };
  /** The change that a token of the caller's own is for. */
  readonly open: (token: string, caller: Holder) => Change | "invalid" | "expired";
};

type Holder = Pick<Principal, "tenant" | "actor">;

/** How long what was shown can be confirmed. */
export const LIFETIME_MS = 10 * 60_000;

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 2;
const PURPOSE = "keynode mcp confirmation";
const KEY_PREFIX = "mcp-";

/**
 * Seals changes into tokens (AES-256-GCM), so that whoever confirms brings along what is confirmed and no gateway has to
 * remember it. The caller is bound in and not said: another one's token opens as little as an altered one. The nonce is
 * the change's idempotency key: the same token is the same change for ever. `secret` is what all gateways share.
 */
export const createConfirmations = (secret: string, now: () => number = Date.now): Confirmations => {
  const key = Buffer.from(hkdfSync("sha256", secret, "", PURPOSE, KEY_BYTES));
  const boundTo = ({ tenant, actor }: Holder): Buffer => Buffer.from(JSON.stringify([PURPOSE, tenant, actor]));

  return {
    newKey: () => `${KEY_PREFIX}${randomBytes(NONCE_BYTES).toString("base64url")}`,
    seal: ({ tool, message, etag, idempotencyKey }, caller) => {
      const expireMs = now() + LIFETIME_MS;
      const nonce = Buffer.from(idempotencyKey.slice(KEY_PREFIX.length), "base64url");
      const head = Buffer.from(JSON.stringify([expireMs, tool, etag]));
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(head.length);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(boundTo(caller));
      const sealed = Buffer.concat([nonce, cipher.update(Buffer.concat([length, head, message])), cipher.final()]);
      const token = Buffer.concat([sealed, cipher.getAuthTag()]).toString("base64url");
      return { token, expireTime: new Date(expireMs) };
    },
    open: (token, caller) => {
      const bytes = decoded(token);
      if (bytes === undefined || bytes.length < NONCE_BYTES + LENGTH_BYTES + TAG_BYTES) return "invalid";
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(caller));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = unsealed(decipher, bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      if (opened === undefined) return "invalid";
      const headEnd = LENGTH_BYTES + opened.readUInt16BE();
      const [expireMs, tool, etag] = JSON.parse(opened.subarray(LENGTH_BYTES, headEnd).toString()) as [
        number,
        string,
        string,
      ];
      if (now() >= expireMs) return "expired";
      const idempotencyKey = `${KEY_PREFIX}${nonce.toString("base64url")}`;
      return { tool, message: opened.subarray(headEnd), etag, idempotencyKey };
    },
  };
};

/** Undefined for other spellings of the same bytes, which are none of ours. */
const decoded = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
};

type Decipher = { update(data: Buffer): Buffer; final(): Buffer };

/** Undefined where the seal is broken. */
const unsealed = (decipher: Decipher, sealed: Buffer): Buffer | undefined => {
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    return undefined;
  }
};
