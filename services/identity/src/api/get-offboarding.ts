import type { GetHandoverResponse } from "@keynode/contracts/crm/chassis/v1/access_service";
import {
  type GetOffboardingRequest,
  type Offboarding,
  type Offboarding_Part,
  Offboarding_State as State,
} from "@keynode/contracts/crm/identity/v1/user_service";
import { reject } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import type { UserStore } from "../user.ts";
import { recordServices } from "./record-services.ts";

/** Asks every service that keeps records how far it is; one that cannot be asked is told as such. */
export const getOffboarding = (
  users: UserStore,
  { peers, log }: Pick<ServiceTools, "peers" | "log">,
): Handler<GetOffboardingRequest, Offboarding> => {
  const partOf = async (service: string, tenant: string, userId: string): Promise<Offboarding_Part> => {
    try {
      const handover = await peers.access(service).handover(tenant, userId);
      const { movedCount, remainders, finishTime } = handover;
      return { service, state: stateOf(handover), movedCount, remainders, finishTime };
    } catch (error) {
      log.warn({ err: error, service }, "a service was not asked about an off-boarding");
      return { service, state: State.UNREACHABLE, movedCount: 0, remainders: [], finishTime: undefined };
    }
  };

  return async ({ id }, { tenant, visibility }) => {
    const user = (await users.get(tenant, id, visibility))?.state;
    if (user === undefined) return reject("NOT_FOUND", { id });
    if (user.offboardTime === undefined) return reject("USER_NOT_OFFBOARDED", { id });
    const parts = await Promise.all([...recordServices()].sort().map((service) => partOf(service, tenant, id)));
    const { successorId, offboardTime } = user;
    return { userId: id, successorId, offboardTime, done: parts.every(({ state }) => state === State.DONE), parts };
  };
};

const stateOf = ({ heard, finishTime, remainders }: GetHandoverResponse): State => {
  if (!heard) return State.WAITING;
  return finishTime === undefined || remainders.length > 0 ? State.RUNNING : State.DONE;
};
