import { createHash, type Hash } from "node:crypto";

/** A value that may have to be forgotten: what vouches for it stays when salt and value are gone. */
export type Concealed = {
  /** Random; without it the hash says nothing of the value. */
  salt?: string;
  /** SHA-256 over salt and value. */
  hash: string;
};

/** SHA-256 in base64url over a list of texts, written as JSON so that no two lists are written alike. */
export const digestOfList = (...list: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(list)).digest("base64url");

/** SHA-256 in base64url over what is written into it. */
export const digestOf = (write: (hash: Hash) => void): string => {
  const hash = createHash("sha256");
  write(hash);
  return hash.digest("base64url");
};

/** The link of an entry: it stands for the entry and for all before it. */
export const linkOf = (previous: string, digest: string): string => digestOfList("link", previous, digest);
