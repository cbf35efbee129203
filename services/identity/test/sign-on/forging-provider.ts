import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type Listening, listening } from "./listening.ts";

/** A token endpoint's answer in the making. */
export type Draft = {
  /** Of the ID token; the sign-in's nonce among them. */
  claims: JWTPayload;
  algorithm: "RS256" | "HS256" | "none";
  /** True to sign by a key that the key set does not have. */
  isForeignKey: boolean;
  /** The whole answer instead, by status. */
  answer?: { status: number; body: object };
};

export type ForgingProvider = Listening & {
  readonly issuer: string;
  /** Changes the next answers of the token endpoint. */
  forge(change: (draft: Draft) => void): void;
  /** Changes the next discovery documents. */
  pretend(change: (metadata: Record<string, unknown>) => void): void;
  /** What the token endpoint was asked, in order. */
  readonly asked: readonly URLSearchParams[];
  /** Tells the nonce that a browser brought to the authorization page. */
  visit(authorizationUrl: string): void;
};

export const accessToken = "an access token";

/** As OpenID Connect Core §3.1.3.6 has it for RS256. */
export const hashOf = (token: string): string =>
  createHash("sha256").update(token).digest().subarray(0, 16).toString("base64url");

/** A provider that answers whatever a test wants: all that an honest library would not. */
export const startForgingProvider = async (clientId: string): Promise<ForgingProvider> => {
  const server = await listening();
  const issuer = server.origin;
  const [own, foreign] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: "own", use: "sig", alg: "RS256" };
  const asked: URLSearchParams[] = [];
  let forging: (draft: Draft) => void = () => undefined;
  let pretending: (metadata: Record<string, unknown>) => void = () => undefined;
  let nonce = "";

  const signed = async ({ claims, algorithm, isForeignKey }: Draft): Promise<string> => {
    const header = { alg: algorithm, kid: "own" };
    if (algorithm === "none") {
      return `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")}.`;
    }
    const key = algorithm === "HS256" ? Buffer.from(JSON.stringify(jwk)) : (isForeignKey ? foreign : own).privateKey;
    return await new SignJWT(claims).setProtectedHeader(header).sign(key);
  };

  const tokens = async (request: IncomingMessage): Promise<{ status: number; body: object }> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    asked.push(new URLSearchParams(Buffer.concat(chunks).toString()));
    const atS = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer, sub: "s1", aud: clientId, iat: atS, exp: atS + 60, nonce, email: "a@forged.example" };
    const draft: Draft = { claims: { ...claims, groups: [] }, algorithm: "RS256", isForeignKey: false };
    forging(draft);
    return (
      draft.answer ?? {
        status: 200,
        body: { access_token: accessToken, token_type: "Bearer", expires_in: 60, id_token: await signed(draft) },
      }
    );
  };

  const metadata = (): Record<string, unknown> => {
    const document: Record<string, unknown> = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      authorization_response_iss_parameter_supported: true,
    };
    pretending(document);
    return document;
  };

  server.serve((request, response) => {
    const answer = ({ status, body }: { status: number; body: object }): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.url === "/.well-known/openid-configuration") answer({ status: 200, body: metadata() });
    else if (request.url === "/keys") answer({ status: 200, body: { keys: [jwk] } });
    else if (request.url === "/token") void tokens(request).then(answer);
    else answer({ status: 404, body: {} });
  });
  return {
    ...server,
    issuer,
    asked,
    forge: (change) => {
      forging = change;
    },
    pretend: (change) => {
      pretending = change;
    },
    visit: (authorizationUrl) => {
      nonce = new URL(authorizationUrl).searchParams.get("nonce") ?? "";
    },
  };
};
