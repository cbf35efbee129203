import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { derivedId } from "@keynode/aggregate/type-id";

/**
 * Two kinds of credentials go over the wire as `Authorization: Bearer`. Both name the record that knows them, so that
 * one is found by its `_id`, and hold 256 random bits, so that a plain SHA-256 of one says nothing about it:
 * `kn_<12 characters>_<secret>` an API key, `kns_<26 characters of the user's id>_<secret>` a session.
 */
export type Credential = { readonly holderId: string; readonly digest: string };

/** A new credential: `text` is shown once, `digest` is kept. */
export type NewCredential = { readonly text: string; readonly digest: string };

const secretBytes = 32;

/** Characters by which an API key is recognised, `kn_` included; its id follows from them. */
const prefixLength = 15;
/** The least an API key may have after its prefix: 128 bits in base64url. */
const minSecretLength = 22;

const apiKeyForm = new RegExp(String.raw`^kn_[\w-]{${prefixLength - 3 + minSecretLength},200}$`);
const sessionForm = /^kns_([0-7][0-9a-hjkmnp-tv-z]{25})_[\w-]{43}$/;

/** The credential that a text is, or undefined when it has the form of none. */
export const readCredential = (text: string): Credential | undefined => {
  if (apiKeyForm.test(text)) return { holderId: apiKeyIdOf(prefixOf(text)), digest: digestOf(text) };
  const suffix = sessionForm.exec(text)?.[1];
  return suffix === undefined ? undefined : { holderId: `user_${suffix}`, digest: digestOf(text) };
};

/** The first characters of an API key: no secret. */
export const prefixOf = (apiKey: string): string => apiKey.slice(0, prefixLength);

export const apiKeyIdOf = (prefix: string): string => derivedId("apikey", prefix);

/** An API key; `seed` makes the prefix, and so the id, the same at every repeat, the secret never. */
export const newApiKey = (seed: string = randomText(secretBytes)): NewCredential => {
  const prefix = digestOf(seed).slice(0, prefixLength - 3);
  return known(`kn_${prefix}_${randomText(secretBytes)}`);
};

export const newAccessToken = (userId: string): NewCredential =>
  known(`kns_${userId.slice(userId.indexOf("_") + 1)}_${randomText(secretBytes)}`);

export const matches = (kept: string | undefined, digest: string): boolean =>
  kept !== undefined && kept.length === digest.length && timingSafeEqual(Buffer.from(kept), Buffer.from(digest));

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64url");

const known = (text: string): NewCredential => ({ text, digest: digestOf(text) });

const randomText = (bytes: number): string => randomBytes(bytes).toString("base64url");
