import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { ApiKeyServiceService } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { SetUserPasswordRequest, UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { hash } from "node:crypto";
import { BSON } from "mongodb";
import { describe, expect, it, vi } from "vitest";
import { builtInRoleId } from "../src/set-up/built-in-roles.ts";
import { tenantIdOf } from "../src/tenant.ts";
import { callerOf, installation, mailsOf, refusal, resolve, startIdentity, stranger, tokenIn } from "./start.ts";

const { written } = vi.hoisted(() => ({ written: [] as string[] }));
vi.mock("@keynode/telemetry/logger", async (original) => {
  const { logger } = await original<typeof import("@keynode/telemetry/logger")>();
  return {
    logger: (options: Parameters<typeof logger>[0]) =>
      logger({ ...options, level: "trace", destination: { write: (line) => written.push(line) } }),
  };
});

const tenant = tenantIdOf(installation.SEED_TENANT);
const first = "lantern orchard 7";
const second = "another orchard 8";
const wrong = "yesterday's lantern";

/** Every byte that the service stores, one text for each collection; bytes of events as they are. */
const stored = async (under: Awaited<ReturnType<typeof startIdentity>>): Promise<ReadonlyMap<string, string>> => {
  const collections = await under.db.listCollections().toArray();
  return new Map(
    await Promise.all(
      collections.map(async ({ name }) => {
        const documents = await under.db.collection(name).find().toArray();
        return [
          name,
          documents.map((document) => Buffer.from(BSON.serialize(document)).toString("latin1")).join(),
        ] as const;
      }),
    ),
  );
};

/** What nobody could make up: an access token's signature, the 256 random bits of a refresh token. */
const lastPart = (token: string): string =>
  token.includes(".") ? token.slice(token.lastIndexOf(".") + 1) : token.slice(-43);

describe("a secret", () => {
  it("is in no document, no event and no log, and an event not even holds what it is checked by", async () => {
    const under = await startIdentity();
    const admin = stranger({ tenant });
    const users = under.client(UserServiceService, admin);
    const user = await users.createUser({ user: User.fromPartial({ name: "王芳", email: "wang@demo.example" }) });
    await users.setUserPassword({ id: user.id, etag: "", password: first }, { idempotencyKey: "password-1" });
    const signIn = (password: string, idempotencyKey: string) =>
      under.client(AuthServiceService).signIn({ tenant, email: user.email, password }, { idempotencyKey });
    await refusal(signIn(wrong, "sign-in-1"));
    const { accessToken, refreshToken } = await signIn(first, "sign-in-2");
    const me = under.client(AuthServiceService, callerOf(await resolve(under, accessToken)));
    const refreshed = await under.client(AuthServiceService).refreshSession({ refreshToken });
    await me.changePassword({ currentPassword: first, newPassword: second }, { idempotencyKey: "change-1" });
    const { secret } = await under
      .client(ApiKeyServiceService, admin)
      .createApiKey(
        { apiKey: ApiKey.fromPartial({ name: "website", roleIds: [builtInRoleId(tenant, "sales")] }) },
        { idempotencyKey: "key-1" },
      );
    await under.client(AuthServiceService).requestPasswordReset({ tenant, email: user.email });
    const invited = await users.inviteUser({ user: User.fromPartial({ name: "李伟", email: "li@demo.example" }) });
    const mails = await mailsOf(under, admin, [user.id, invited.id]);
    const links = mails.map(tokenIn);
    await under.service.drained();

    const documents = await stored(under);
    expect([...documents.keys()]).toEqual(
      expect.arrayContaining(["users", "apiKeys", "journal", "throttles", "mails"]),
    );
    const passwords = [first, second, wrong, installation.SEED_ADMIN_PASSWORD];
    const tokens = [accessToken, refreshToken, refreshed.accessToken, refreshed.refreshToken];
    const secrets = [...passwords, ...links, ...tokens, ...tokens.map(lastPart), secret, installation.SEED_API_KEY];
    // A fast digest of a password, or of a request that holds one, would be as good as the password.
    const request = SetUserPasswordRequest.encode({ id: user.id, etag: "", password: first }).finish();
    const tells = [...passwords, request].flatMap((each) => [
      hash("sha256", each, "hex"),
      hash("sha256", each, "base64url"),
    ]);
    expect(written.join()).toContain('"msg":"ready"');
    for (const text of [...documents.values(), written.join()]) {
      for (const each of [...secrets, ...tells]) expect(text.includes(each)).toBe(false);
    }
    const digests = [lastPart(refreshToken), secret, ...links].map((each) => hash("sha256", each, "base64url"));
    const journal = documents.get("journal") ?? "";
    expect(journal).toContain("UserPasswordSet");
    expect(journal).not.toContain("$argon2");
    for (const digest of digests) expect(journal.includes(digest)).toBe(false);
    expect(documents.get("users")).toContain("$argon2id$");
    // Private halves of signing keys lie sealed, and the public halves are all that events tell.
    expect(documents.get("keyRings")).toContain("sealedKeys");
    for (const text of documents.values()) expect(text).not.toMatch(/"d":|"kty":/);
    expect(journal).toContain("KeyRingKeyPublished");
    for (const name of ["throttles", "mails"]) expect(documents.get(name)).not.toContain(user.email);
  });
});
