import type { CommandScope } from "@keynode/aggregate/command-scope";
import { derivedId } from "@keynode/aggregate/type-id";
import { NotYet, reactionScope, settled } from "@keynode/api/reaction";
import type { Contract } from "@keynode/contracts/crm/contract/v1/contract";
import { ContractClauseAccepted, ContractPositionProposed } from "@keynode/contracts/crm/contract/v1/contract_events";
import { Round } from "@keynode/contracts/crm/contract/v1/round";
import type { Clock } from "@keynode/decider/crud";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { ContractStore } from "../contract.ts";
import type { RoundCommand } from "../domain/round/command.ts";
import type { RoundStore } from "../round.ts";

const clock = ({ now }: Clock): Clock => ({ now });

/**
 * C-055. Each position is a round of its own, under an id that follows from contract, clause and number; it belongs to
 * whom the contract belongs to now, so that events of a handover may come in any order.
 */
export const onNegotiation = (
  contracts: ContractStore,
  rounds: RoundStore,
  { name, now, log }: ServiceTools,
): Reactor => {
  const contractOf = async ({ tenant, recordId }: Recorded): Promise<Contract> => {
    const found = await contracts.get(tenant, recordId, { kind: "all" });
    if (found === undefined) throw new NotYet(`there is no contract ${recordId}`);
    return found.state;
  };

  const change = async (
    roundId: string,
    command: RoundCommand,
    scope: CommandScope,
    event: Recorded,
  ): Promise<void> => {
    settled(await rounds.execute(roundId, command, scope, clock), event, log);
  };

  const handOver = async (roundIds: readonly string[], scope: CommandScope, event: Recorded): Promise<void> => {
    const { ownerId, teamId } = await contractOf(event);
    for (const id of roundIds) await change(id, { type: "ReassignRound", ownerId, teamId }, scope, event);
  };

  return {
    name: "on-negotiation",
    from: { contract: ["ContractPositionProposed", "ContractClauseAccepted", "ContractReassigned"] },
    handle: async (event) => {
      const scope = reactionScope(name, event, now());
      switch (event.type) {
        case "ContractPositionProposed": {
          const proposal = ContractPositionProposed.decode(event.data);
          const id = roundId(event, proposal);
          const round = roundOf(proposal, await contractOf(event));
          settled(await rounds.create({ type: "OpenRound", round }, scope, clock, id), event, log);
          // The contract may have been handed over between the look at it and the round's beginning.
          return await handOver([id], scope, event);
        }
        case "ContractClauseAccepted": {
          const acceptance = ContractClauseAccepted.decode(event.data);
          if (acceptance.round === 0) return;
          const { party } = acceptance;
          return await change(roundId(event, acceptance), { type: "AcceptRound", party }, scope, event);
        }
        case "ContractReassigned":
          return await handOver(await roundIdsOf(rounds, event), scope, event);
      }
    },
  };
};

const roundId = ({ tenant, recordId }: Recorded, { clauseId, round }: { clauseId: string; round: number }): string =>
  derivedId("round", tenant, recordId, clauseId, String(round));

const roundIdsOf = async ({ collection }: RoundStore, { tenant, recordId }: Recorded): Promise<string[]> => {
  const found = await collection.find({ tenant, "state.contractId": recordId }, { projection: { _id: 1 } }).toArray();
  return found.map(({ _id }) => _id);
};

const roundOf = (proposal: ContractPositionProposed, contract: Contract): Round => {
  const { clauseId, round: number, party, position, proposeTime, proposedBy, snapshot = contract } = proposal;
  return Round.fromPartial({
    ownerId: contract.ownerId,
    teamId: contract.teamId,
    contractId: contract.id,
    clauseId,
    clauseTitle: snapshot.clauses.find(({ id }) => id === clauseId)?.title ?? "",
    number,
    party,
    position,
    proposeTime,
    proposedBy,
  });
};
