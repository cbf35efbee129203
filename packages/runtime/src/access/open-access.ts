import type { Alarm } from "@keynode/api/alarm";
import type { Access } from "@keynode/auth/access";
import { AccessServiceService } from "@keynode/contracts/crm/chassis/v1/access_service";
import { ShareServiceService } from "@keynode/contracts/crm/chassis/v1/share_service";
import { type Implementation, implement } from "@keynode/grpc/implement";
import { accessApi, handoverOf } from "../chassis/access-api.ts";
import { people, type PeopleCopy, teamMoves } from "../copies/people.ts";
import { openHandovers } from "../handover/handover.ts";
import type { LocalAccess } from "../peers.ts";
import { type AnyStore, keptResources } from "../resources.ts";
import type { Reactor, ServiceTools } from "../service-definition.ts";
import { shareAggregate } from "../shares/share.ts";
import { shareApi } from "../shares/share-api.ts";
import { openShareIndex } from "../shares/share-index.ts";
import { expireShares, onRecordDeleted } from "../shares/share-life.ts";
import type { Notices } from "./bus-notices.ts";
import { explainAccess } from "./explain-access.ts";
import { readableRecords } from "./readable-records.ts";
import { memberIn, serviceAccess, teamIn } from "./service-access.ts";
import { openTeamTrees } from "./team-trees.ts";

/** What every service has for deciding who may do what with its records. */
export type ServiceAccess = {
  readonly access: Access;
  /** What others ask every service, of this one. */
  readonly local: LocalAccess;
  readonly implementations: readonly Implementation[];
  readonly reactors: readonly Reactor[];
  readonly alarms: readonly Alarm[];
  readonly notices: Notices;
};

/** Puts the engine of access together for a service with these stores; declares the copy and the shares that it decides by. */
export const openAccess = (
  tools: ServiceTools,
  stores: readonly AnyStore[],
  { handoverPollMs }: { readonly handoverPollMs: number },
): ServiceAccess => {
  const { name, now } = tools;
  const copy: PeopleCopy = tools.projection(people);
  const trees = openTeamTrees(copy);
  const resources = keptResources(stores);
  const shares = tools.store(shareAggregate);
  const index = openShareIndex(shares.collection, now);
  const access = serviceAccess(copy, trees, index, now);
  const [member, team] = [memberIn(copy, now), teamIn(copy, now)];
  const explain = explainAccess({ access, trees, shares: shares.collection, resources, now });
  // Shares are the service's own too: those that the leaver made become the successor's.
  const handed = keptResources([...stores, shares as never]);
  const handovers = openHandovers(tools, { resources: handed, shares, people: copy, pollMs: handoverPollMs });
  const local: LocalAccess = {
    explain,
    filterReadable: readableRecords(access, resources),
    handover: (tenant, userId) => handoverOf(handovers, tenant, userId),
  };
  return {
    access,
    local,
    implementations: [
      implement(AccessServiceService, accessApi(local)),
      implement(
        ShareServiceService,
        shareApi({
          service: name,
          shares,
          index,
          resources,
          access,
          isGrantee: async (tenant, { granteeUserId, granteeTeamId }) => {
            if (granteeUserId === "") return await team(tenant, granteeTeamId);
            const found = await member(tenant, granteeUserId);
            return found === "unsure" ? found : (found?.active ?? false);
          },
          now,
        }),
      ),
    ],
    // A service without records has none to share and none to hand over.
    reactors: resources.size === 0 ? [] : [onRecordDeleted(shares, resources, tools), handovers.reactor],
    alarms: resources.size === 0 ? [] : [expireShares(shares), handovers.alarm],
    notices: {
      from: { identity: teamMoves, [name]: [...(name === "identity" ? teamMoves : []), "ShareCreated"] },
      heard: (tenant, type) => (type === "ShareCreated" ? index.granted(tenant) : trees.moved(tenant)),
      missed: () => {
        trees.forget();
        index.forget();
      },
    },
  };
};
