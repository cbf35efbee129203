import { defaultIssuer } from "@keynode/auth/access-token";
import { bool, connectionString, durationMs, jsonValue, secret, text } from "@keynode/config/variables";
import { serviceVariables } from "@keynode/runtime/service-config";
import { z } from "zod";

/** What the tenant that an installation begins with is made of. */
const installed = ["SEED_TENANT", "SEED_ADMIN_EMAIL", "SEED_ADMIN_PASSWORD"] as const;

const publicUrl = /^(https:\/\/[^/?#@\s]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?)$/;
const secretsKeys = /^[\w-]{43}(,[\w-]{43}){0,9}$/;

export const identitySchema = z
  .object({
    ...serviceVariables,
    /** Who access tokens say they are from; the gateway expects the same. */
    TOKEN_ISSUER: text().default(defaultIssuer),
    /** How long a key signs access tokens before the next one does. */
    SIGNING_KEY_MS: durationMs({ min: 4_000, max: 365 * 86_400_000 }).default(30 * 86_400_000),
    /** Key of a tenant that is made, with an administrator, when the service starts; without it none is. */
    SEED_TENANT: text()
      .pipe(z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, "expected a tenant's key"))
      .optional(),
    SEED_ADMIN_EMAIL: text().pipe(z.email()).optional(),
    /** Another one than last time replaces the administrator's password. */
    SEED_ADMIN_PASSWORD: secret(text()).optional(),
    /** An API key with all rights, `kn_` and at least 34 characters; another one than last time revokes that. */
    SEED_API_KEY: secret(text().pipe(z.string().regex(/^kn_[\w-]{34,200}$/, "expected an API key"))).optional(),
    /** The address that browsers reach the gateway by, without a path; https, or http on this machine only. */
    PUBLIC_URL: text().pipe(z.string().regex(publicUrl, "expected https://host[:port]")).optional(),
    /**
     * Keys that this service's own secrets are kept by, signing keys and providers' client secrets among them: base64url
     * of 32 bytes each. The first seals and all open, so a new one is put in front; an old one can go once nothing that
     * it sealed is left.
     */
    SECRETS_KEYS: secret(
      text()
        .pipe(z.string().regex(secretsKeys, "expected keys of 32 bytes each"))
        .transform((keys) => keys.split(",").map((key) => Buffer.from(key, "base64url"))),
    ),
    /** The mail server; without one, mail lies in the mailbox that administrators read, which is for development. */
    SMTP_URL: connectionString("smtp", "smtps").optional(),
    /** True to send mail unencrypted to a server that offers no TLS; otherwise it waits. */
    SMTP_PLAIN: bool().default(false),
    /** Whom mail is from. */
    MAIL_FROM: text().default("Keynode <no-reply@keynode.invalid>"),
    /** True to let identity providers be at private addresses and without TLS. */
    SIGN_ON_PRIVATE_NETWORK: bool().default(false),
    /** How long entries of the audit trail wait for others before they are sealed together. */
    AUDIT_SEAL_MS: durationMs({ min: 10, max: 3_600_000 }).default(60_000),
    /** Former public keys (JWK, RFC 8037) of this service, by which it checks what it sealed before INTERNAL_KEY changed. */
    AUDIT_RETIRED_KEYS: jsonValue(
      z.array(z.looseObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), kid: z.string(), x: z.string() })),
    ).default([]),
  })
  .superRefine((config, context) => {
    if (installed.every((name) => config[name] === undefined) && config.SEED_API_KEY === undefined) return;
    for (const name of installed.filter((each) => config[each] === undefined)) {
      context.addIssue({ code: "custom", path: [name], message: "is missing beside the other SEED variables" });
    }
  });

export type IdentityConfig = z.output<typeof identitySchema>;
