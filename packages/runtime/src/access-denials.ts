import { isServiceActor } from "@keynode/auth/principal";
import type { DeniedCall } from "@keynode/grpc/host";
import type { AccessLog } from "./access-log.ts";

/** Puts it on record when somebody asks for what they have no right to; services that may not are a fault, and in the log. */
export const denialRecorder =
  (accesses: Pick<AccessLog, "deny">) =>
  ({ principal: { tenant, actor }, method, origin, refusal }: DeniedCall): void => {
    if (isServiceActor(actor)) return;
    const action = method.slice(method.indexOf("/") + 1);
    accesses.deny({ tenant, kind: "DENIAL", action, actor, origin, refusal: refusal.reason });
  };
