import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { RpcError } from "@keynode/grpc/rpc-error";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { identityService } from "../src/service.ts";

/** What the installation of a test file begins with. */
export const installation = {
  SEED_TENANT: "demo",
  SEED_ADMIN_EMAIL: "admin@demo.example",
  SEED_ADMIN_PASSWORD: "correct horse battery",
  SEED_API_KEY: `kn_installation_${"s".repeat(40)}`,
};

/** The identity service with an installed tenant. Call it in `beforeAll`. */
export const startIdentity = (): Promise<ServiceUnderTest> => startForTest(identityService, installation);

/** The gateway, which may ask who holds a credential. */
export const asGateway = (under: ServiceUnderTest) =>
  under.client(AuthServiceService, { actor: "service:gateway", tenant: "*" });

/** Why a call was refused; throws when it was not. */
export const refusal = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RpcError)) throw new Error("not refused", { cause: error });
  return {
    code: error.code,
    reason: error.details.reason,
    metadata: error.details.metadata,
    fields: error.details.violations.map(({ field }) => field),
  };
};
