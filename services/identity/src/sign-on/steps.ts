import { hash } from "node:crypto";
import type { Db } from "mongodb";
import { type Tickets, openTickets } from "./tickets.ts";

/** A sign-in under way: what the provider's answer is held against. */
export type Begun = {
  readonly identityProviderId: string;
  /** Digest of the secret that only the browser has. */
  readonly browserDigest: string;
  readonly returnTo: string;
};

/** A sign-in that the provider vouched for. */
export type Completed = { readonly userId: string };

/** How long somebody may take to sign in with their provider, and a browser to come for its session. */
const signInMs = 10 * 60_000;
const exchangeMs = 60_000;

/** What is known between the steps of a sign-in; each step's ticket is good once. */
export type Steps = {
  readonly begun: Tickets<Begun>;
  readonly completed: Tickets<Completed>;
};

export const openSteps = (db: Db, now: () => Date): Steps => ({
  begun: openTickets(db, { collection: "signOnsBegun", lifetimeMs: signInMs, now }),
  completed: openTickets(db, { collection: "signOnsCompleted", lifetimeMs: exchangeMs, now }),
});

/**
 * What the browser's one secret gives: nonce and code verifier are worked out from it and kept nowhere, so whoever reads
 * the database can complete nobody's sign-in. 256 random bits in, so plain SHA-256 tells nothing about them.
 */
export const proofsOf = (state: string, browserSecret: string) => ({
  state,
  nonce: hash("sha256", `nonce ${browserSecret}`, "base64url"),
  codeVerifier: hash("sha256", `code verifier ${browserSecret}`, "base64url"),
});
