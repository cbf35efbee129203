import { newId } from "@keynode/aggregate/type-id";
import type { Grants, Principal } from "@keynode/auth/principal";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { ListMailsRequest, MailboxServiceService } from "@keynode/contracts/crm/identity/v1/mailbox_service";
import type { Principal as PrincipalMessage } from "@keynode/contracts/crm/identity/v1/principal";
import { refused } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { decodeJwt } from "jose";
import { vi } from "vitest";
import { identityService } from "../src/service.ts";

/** What the installation of a test file begins with. */
export const installation = {
  SEED_TENANT: "demo",
  SEED_ADMIN_EMAIL: "admin@demo.example",
  SEED_ADMIN_PASSWORD: "correct horse battery",
  SEED_API_KEY: `kn_installation${"s".repeat(31)}`,
};

/** What the service cannot start without. */
export const required = {
  PUBLIC_URL: "http://localhost:8080",
  SECRETS_KEYS: Buffer.alloc(32, "t").toString("base64url"),
};

/** The identity service with an installed tenant. Call it in `beforeAll`. */
export const startIdentity = (): Promise<ServiceUnderTest> =>
  startForTest(identityService, { ...required, ...installation });

/** The gateway, which may ask who holds a credential. */
export const asGateway = (under: ServiceUnderTest) =>
  under.client(AuthServiceService, { actor: "service:gateway", tenant: "*" });

/** Whose an access token is, asked as the gateway asks once it has verified the token. */
export const resolve = (under: ServiceUnderTest, accessToken: string): Promise<PrincipalMessage> => {
  const { tenant, sub: userId = "", sid: sessionId } = decodeJwt<{ tenant: string; sid: string }>(accessToken);
  return asGateway(under).resolveSession({ tenant, userId, sessionId });
};

/** The latest mail to each of these users, once all of them lie in the mailbox. */
export const mailsOf = async (
  under: ServiceUnderTest,
  reader: Principal,
  userIds: readonly string[],
): Promise<string[]> => {
  const mailbox = under.client(MailboxServiceService, reader);
  return await Promise.all(
    userIds.map(async (userId) => {
      const read = async () => {
        const { mails } = await mailbox.listMails(ListMailsRequest.fromPartial({ filter: `userId = "${userId}"` }));
        return mails[0]?.text;
      };
      return await vi.waitFor(
        async () => {
          const text = await read();
          if (text === undefined) throw new Error("no mail yet");
          return text;
        },
        { timeout: 10_000, interval: 50 },
      );
    }),
  );
};

/** The token of the link in a mail's text. */
export const tokenIn = (text: string): string => /#token=(\S+)/.exec(text)?.[1] ?? "";

/** A caller as the gateway takes it from an answer of Authenticate or ResolveSession. */
export const callerOf = ({ tenant, actor, roles, teams, grants, policyVersion, sessionId }: PrincipalMessage) =>
  ({
    tenant,
    actor,
    roles,
    teams,
    grants: Object.fromEntries(grants.map(({ permission, scope }) => [permission, scope.toLowerCase()])) as Grants,
    policyVersion,
    session: sessionId,
  }) satisfies Principal;

/** An administrator of a tenant of its own, whose rights no change outdates. */
export const stranger = (more: Partial<Principal> = {}): Principal => ({
  tenant: newId("tenant"),
  actor: newId("user"),
  roles: [],
  teams: [],
  grants: { "*": "all" },
  policyVersion: 1_000_000,
  ...more,
});

/** Why a call was refused; throws when it was not. */
export const refusal = async (call: Promise<unknown>) => {
  const error = await refused(call);
  return {
    code: error.code,
    reason: error.details.reason,
    metadata: error.details.metadata,
    fields: error.details.violations.map(({ field }) => field),
  };
};
