import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";

/** Whose rows a service may read that asks for a tenant's: `*` for everyone's; left out, those that its token is good for. */
export const readableTenant = (asked: string, { tenant }: Pick<Call, "tenant">): string | DomainError => {
  const readable = asked === "" ? tenant : asked;
  return tenant === "*" || readable === tenant ? readable : reject("TENANT_MISMATCH");
};
