import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { asGateway, installation, startIdentity } from "./start.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startIdentity();
});

describe("an installation", () => {
  it("lets its API key and its administrator in with all rights", async () => {
    const gateway = asGateway(under);
    const key = await gateway.authenticate({ credential: installation.SEED_API_KEY });
    expect(key).toMatchObject({ actor: expect.stringMatching(/^apikey_/) });
    const { accessToken, user } = await under
      .client(AuthServiceService)
      .signIn({ tenant: "demo", email: "Admin@demo.example", password: installation.SEED_ADMIN_PASSWORD });
    const principal = await gateway.authenticate({ credential: accessToken });
    expect(principal).toMatchObject({ tenant: key.tenant, actor: user?.id });
    expect(principal.grants).toContainEqual({ permission: "*", scope: "ALL" });
    const started = performance.now();
    for (let i = 0; i < 50; i += 1) await gateway.authenticate({ credential: accessToken });
    console.log((performance.now() - started) / 50);
  });
});
