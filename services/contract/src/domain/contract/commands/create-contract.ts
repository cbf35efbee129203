import type { DecisionTable } from "@keynode/decider/decider";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import { pricesAt, refuseNegative, sumOfLines } from "../../amounts.ts";
import { refuseParties, refuseProducts } from "../../references.ts";
import type { ContractCommand } from "../command.ts";
import type { ContractContext } from "../context.ts";
import type { ContractEvent } from "../events.ts";
import { refuseCover } from "../refusals.ts";
import { type ContractState, newClause } from "../state.ts";

type CreateContract = DecisionTable<ContractCommand, ContractState, ContractEvent, ContractContext>["CreateContract"];

/**
 * C-055. Errors: ACCOUNT_NOT_FOUND, OPPORTUNITY_NOT_FOUND, OPPORTUNITY_CLOSED, PRODUCT_NOT_FOUND, COVER_INVALID,
 * MIXED_CURRENCIES, AMOUNT_OUT_OF_RANGE, INVALID_REQUEST.
 */
export const createContract: CreateContract = ({ contract }, _state, context) => {
  if (contract === undefined) return [];
  const { opportunityId, lines, cover } = contract;
  const value = contract.value ?? sumOfLines(lines);
  const refusal =
    refuseNegative({ ...pricesAt("contract.", lines), "contract.value": contract.value }) ??
    refuseParties(contract, context) ??
    (context.isOpportunityLost ? reject("OPPORTUNITY_CLOSED", { opportunityId }) : undefined) ??
    refuseProducts(lines, context) ??
    refuseCover(cover);
  if (refusal !== undefined) return refusal;
  if (isDomainError(value)) return value;
  const clauses = contract.clauses.map(newClause);
  return [
    { type: "ContractDrafted", contract: { ...contract, number: context.number, status: "DRAFT", clauses, value } },
  ];
};
