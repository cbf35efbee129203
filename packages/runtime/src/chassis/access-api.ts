import type { AccessServiceService, GetHandoverResponse } from "@keynode/contracts/crm/chassis/v1/access_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { ExplainAccess } from "../access/explain-access.ts";
import type { Handovers } from "../handover/handover.ts";

/** Tells identity how access stands with this service's records. */
export const accessApi = (
  explain: ExplainAccess,
  handovers: Pick<Handovers, "progress">,
): Handlers<typeof AccessServiceService> => ({
  explainAccess: (request) => explain(request),
  getHandover: ({ tenant, userId }) => handoverOf(handovers, tenant, userId),
});

/** How far a service is with handing over what a user had. */
export const handoverOf = async (
  handovers: Pick<Handovers, "progress">,
  tenant: string,
  userId: string,
): Promise<GetHandoverResponse> => {
  const progress = await handovers.progress(tenant, userId);
  if (progress === undefined) return { heard: false, movedCount: 0, remainders: [], finishTime: undefined };
  const { movedCount, finishedAt: finishTime, remainders } = progress;
  return { heard: true, movedCount, remainders: [...remainders], finishTime };
};
