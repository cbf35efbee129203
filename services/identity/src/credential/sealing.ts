import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";

/**
 * Keeps secrets that must be read again, such as a provider's client secret: AES-256-GCM, bound to what it belongs to,
 * so that a sealed text copied into another tenant's record opens nothing.
 */
export type Sealing = {
  /** `<key id>.<nonce>.<ciphertext and tag>`, base64url. */
  seal(secret: string, belongsTo: string): string;
  /** Throws when the text was sealed by a key that is gone, for something else, or was changed. */
  open(sealed: string, belongsTo: string): string;
};

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** `keys` hold 32 bytes each: the first one seals, all of them open, so that a new one can be put in front. */
export const createSealing = (keys: readonly Buffer[]): Sealing => {
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
  const [current] = keys;
  if (current === undefined) throw new TypeError("sealing needs a key");
  return {
    seal: (secret, belongsTo) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, current, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(belongsTo));
      const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `${keyIdOf(current)}.${nonce.toString("base64url")}.${sealed.toString("base64url")}`;
    },
    open: (sealed, belongsTo) => {
      const [keyId = "", nonce = "", text = ""] = sealed.split(".");
      const key = byId.get(keyId);
      if (key === undefined) throw new Error(`no key ${keyId} opens this secret`);
      const bytes = Buffer.from(text, "base64url");
      const decipher = createDecipheriv(algorithm, key, Buffer.from(nonce, "base64url"), { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(belongsTo));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString("utf8");
    },
  };
};

/** Tells keys apart and nothing about them. */
const keyIdOf = (key: Buffer): string => hash("sha256", key, "base64url").slice(0, 8);
