import { reactionScope, settled } from "@keynode/api/reaction";
import {
  ContractCancelled,
  ContractDeleted,
  ContractDrafted,
  ContractRestored,
  ContractSigned,
} from "@keynode/contracts/crm/contract/v1/contract_events";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { opportunityContext } from "../api/context.ts";
import type { References } from "../api/references.ts";
import type { ContractNews, OpportunityCommand } from "../domain/opportunity/command.ts";
import type { OpportunityStore } from "../opportunity.ts";

/** C-057. A contract of a deal is drafted, given up or brought back: the deal takes note; signed, it is won. */
export const onContract = (
  opportunities: OpportunityStore,
  references: References,
  { name, now, log }: ServiceTools,
): Reactor => {
  const context = opportunityContext(references);
  return {
    name: "on-contract",
    from: {
      contract: ["ContractDrafted", "ContractSigned", "ContractCancelled", "ContractDeleted", "ContractRestored"],
    },
    handle: async (event) => {
      const told = toldBy(event);
      if (told === undefined || told.opportunityId === "") return;
      const { opportunityId, command } = told;
      const scope = reactionScope(name, event, now());
      settled(await opportunities.execute(opportunityId, command, scope, context), event, log);
    },
  };
};

type Told = { readonly opportunityId: string; readonly command: OpportunityCommand };

const toldBy = ({ type, recordId, version, data }: Recorded): Told | undefined => {
  const news: ContractNews = { contractId: recordId, contractVersion: version };
  switch (type) {
    case "ContractDrafted":
      return {
        opportunityId: ContractDrafted.decode(data).contract?.opportunityId ?? "",
        command: { type: "LinkContract", ...news },
      };
    case "ContractSigned": {
      const { opportunityId, value, signedDate } = ContractSigned.decode(data);
      return { opportunityId, command: { type: "WinByContract", ...news, value, signedDate } };
    }
    case "ContractCancelled":
      return {
        opportunityId: ContractCancelled.decode(data).opportunityId,
        command: { type: "UnlinkContract", ...news },
      };
    case "ContractDeleted":
      return {
        opportunityId: ContractDeleted.decode(data).snapshot?.opportunityId ?? "",
        command: { type: "UnlinkContract", ...news },
      };
    case "ContractRestored": {
      const { snapshot } = ContractRestored.decode(data);
      const isStanding = snapshot?.status !== "CANCELLED";
      return {
        opportunityId: snapshot?.opportunityId ?? "",
        command: { type: isStanding ? "LinkContract" : "UnlinkContract", ...news },
      };
    }
    default:
      return undefined;
  }
};
