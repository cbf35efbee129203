import { randomBytes } from "node:crypto";
import { digestOf } from "../credential/credential.ts";
import type { ServerSecret } from "./server-secret.ts";

/**
 * `knr_<26 characters of the session's id>_<family>_<rotating>`. All tokens of a session share the family part, so one
 * that was good once is told from one that was made up: only the former ends the session. Digests of both are kept.
 */
export type RefreshToken = {
  readonly sessionId: string;
  readonly familyDigest: string;
  readonly tokenDigest: string;
};

export type NewRefreshToken = RefreshToken & { readonly text: string };

const familyBytes = 16;
const rotatingBytes = 32;
const form = /^knr_([0-7][0-9a-hjkmnp-tv-z]{25})_([\w-]{22})_([\w-]{43})$/;

/** The first one of a session. */
export const newRefreshToken = (sessionId: string): NewRefreshToken =>
  tokenOf(sessionId, randomText(familyBytes), randomText(rotatingBytes));

/** The token that a text is, or undefined when it has the form of none. */
export const readRefreshToken = (text: string): NewRefreshToken | undefined => {
  const [, suffix, family, rotating] = form.exec(text) ?? [];
  if (suffix === undefined || family === undefined || rotating === undefined) return undefined;
  return tokenOf(`session_${suffix}`, family, rotating);
};

/** The token that takes this one's place: always the same, so that a repeat of a lost answer needs no stored secret. */
export const nextRefreshToken = ({ sessionId, text }: NewRefreshToken, secret: ServerSecret): NewRefreshToken => {
  const [, , family = "", rotating = ""] = form.exec(text) ?? [];
  return tokenOf(sessionId, family, secret.mac("refresh-token", sessionId, rotating));
};

const tokenOf = (sessionId: string, family: string, rotating: string): NewRefreshToken => ({
  text: `knr_${sessionId.slice(sessionId.indexOf("_") + 1)}_${family}_${rotating}`,
  sessionId,
  familyDigest: digestOf(family),
  tokenDigest: digestOf(rotating),
});

const randomText = (bytes: number): string => randomBytes(bytes).toString("base64url");
