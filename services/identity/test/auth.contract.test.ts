import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { Role } from "@keynode/contracts/crm/identity/v1/role";
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
    await under.service.drained();
    await under.service.caughtUp();
    const roles = under.client(RoleServiceService, { tenant: key.tenant, actor: key.actor, policyVersion: 0 });
    for (let i = 0; i < 10; i += 1) {
      const r = await roles.createRole({ role: Role.fromPartial({ name: "x" }) }).catch((e) => e);
      console.log(r.code ?? r.id);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  });
});
