import { randomUUID } from "node:crypto";
import { createMinter } from "@keynode/auth/minter";
import { TenantServiceService } from "@keynode/contracts/crm/identity/v1/tenant_service";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { grpcClient } from "@keynode/grpc/client";
import { inject } from "vitest";
import { type Api, apiOf, newEmail } from "./api.ts";

/** A tenant of the test's own, made as an operator makes one, in the run's installation; its administrator as client. */
export const newTenant = async (access = inject("access")): Promise<Api> =>
  apiOf({ baseUrl: access.baseUrl, apiKey: await newTenantToken(access) });

/** The same, as the access token that its administrator has signed in for. */
export const newTenantToken = async ({ baseUrl, below } = inject("access")): Promise<string> => {
  const { platformKey: privateJwk, identityAddress: address } = below;
  const actor = "service:platform";
  const mint = createMinter({ issuer: actor, privateJwk, keyId: privateJwk.kid ?? "" });
  const operator = { tenant: "*", actor, roles: [], teams: [], grants: {}, policyVersion: 0 } as const;
  const tenants = grpcClient(TenantServiceService, {
    address,
    token: () => mint(operator, "identity"),
    deadlineMs: 10_000,
  });
  const [key, adminEmail, adminPassword] = [`t${randomUUID().slice(0, 8)}`, newEmail(), randomUUID()];
  try {
    await tenants.createTenant({
      tenant: Tenant.fromPartial({ key, name: "Acme" }),
      adminName: "Zhao Min",
      adminEmail,
      adminPassword,
    });
  } finally {
    tenants.close();
  }
  const { accessToken } = await apiOf({ baseUrl, apiKey: "" }).post<{ accessToken: string }>("/v1/auth:signIn", {
    tenant: key,
    email: adminEmail,
    password: adminPassword,
  });
  return accessToken;
};
