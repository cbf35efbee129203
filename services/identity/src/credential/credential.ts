import { createHash, randomBytes } from "node:crypto";
import { derivedId } from "@keynode/aggregate/type-id";

/**
 * An API key, `kn_<12 characters>_<secret>`. It names the record that knows it, so that one is found by its `_id`, and
 * holds 256 random bits, so that a plain SHA-256 of it says nothing about it.
 */
export type Credential = { readonly holderId: string; readonly digest: string };

/** A new one: `text` is shown once, `digest` is kept. */
export type NewCredential = { readonly text: string; readonly digest: string };

const secretBytes = 32;

/** Characters by which an API key is recognised, `kn_` included; its id follows from them. */
const prefixLength = 15;
/** The least an API key may have after its prefix: 128 bits in base64url. */
const minSecretLength = 22;

const apiKeyForm = new RegExp(String.raw`^kn_[\w-]{${prefixLength - 3 + minSecretLength},200}$`);

/** The API key that a text is, or undefined when it has the form of none. */
export const readApiKey = (text: string): Credential | undefined =>
  apiKeyForm.test(text) ? { holderId: apiKeyIdOf(prefixOf(text)), digest: digestOf(text) } : undefined;

/** The first characters of an API key: no secret. */
export const prefixOf = (apiKey: string): string => apiKey.slice(0, prefixLength);

export const apiKeyIdOf = (prefix: string): string => derivedId("apikey", prefix);

/** An API key; `seed` makes the prefix, and so the id, the same at every repeat, the secret never. */
export const newApiKey = (seed: string = randomText(secretBytes)): NewCredential => {
  const prefix = digestOf(seed).slice(0, prefixLength - 3);
  const text = `kn_${prefix}_${randomText(secretBytes)}`;
  return { text, digest: digestOf(text) };
};

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64url");

const randomText = (bytes: number): string => randomBytes(bytes).toString("base64url");
