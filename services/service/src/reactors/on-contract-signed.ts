import type { ContextFor } from "@keynode/aggregate/store";
import { awaitCopy } from "@keynode/api/own-copy";
import { NotYet, reactionScope, settled } from "@keynode/api/reaction";
import { ContractSigned } from "@keynode/contracts/crm/contract/v1/contract_events";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { Filter } from "mongodb";
import type { CaseStore } from "../case.ts";
import type { CaseCommand } from "../domain/case/command.ts";
import type { CaseContext } from "../domain/case/context.ts";
import type { CaseState } from "../domain/case/state.ts";
import { type CoverCopy, coverId } from "../projections/cover.ts";

/**
 * C-057. A contract that is heard of after a request of its customer covers the request too, if the day was within it.
 * Cases are looked for only once our copy has the cover: one that is opened later finds it there, so none falls between.
 */
export const onContractSigned = (
  cases: CaseStore,
  covers: CoverCopy,
  context: ContextFor<CaseState, CaseContext, CaseCommand>,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-contract-signed",
  from: { contract: ["ContractSigned"] },
  handle: async (event) => {
    const { tenant, recordId } = event;
    const { accountId, cover } = ContractSigned.decode(event.data);
    if (cover?.fromDate === undefined || cover.untilDate === undefined) return;
    const id = coverId(tenant, recordId);
    if ((await awaitCopy(() => covers.tables().covers.findOne({ _id: id, tenant }))) === undefined) {
      throw new NotYet(`the cover of ${recordId} is not in the copy`);
    }
    const uncovered: Filter<AggregateDocument<CaseState>> = {
      tenant,
      "state.accountId": accountId,
      "state.coverStatus": "OUT_OF_COVER",
    };
    const check = { type: "CheckCover" } as const;
    for await (const { _id } of cases.collection.find(uncovered, { projection: { _id: 1 } })) {
      settled(await cases.execute(_id, check, reactionScope(name, event, now()), context), event, log);
    }
  },
});
