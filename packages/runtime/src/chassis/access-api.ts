import type { AccessServiceService, GetHandoverResponse } from "@keynode/contracts/crm/chassis/v1/access_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { Handovers } from "../handover/handover.ts";
import type { LocalAccess } from "../peers.ts";

/** Tells other services how access stands with this one's records. */
export const accessApi = (local: LocalAccess): Handlers<typeof AccessServiceService> => ({
  explainAccess: (request) => local.explain(request),
  filterReadable: (request, { deadline }) => local.filterReadable(request, deadline),
  getHandover: ({ tenant, userId }) => local.handover(tenant, userId),
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
