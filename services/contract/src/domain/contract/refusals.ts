import type { Contract_Clause, Contract_Cover } from "@keynode/contracts/crm/contract/v1/contract";
import { compareDates } from "@keynode/decider/calendar-date";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { ContractState } from "./state.ts";

/** Refuses a contract in which nothing changes any more. */
export const refuseClosed = (state: ContractState): DomainError | undefined =>
  refuseSigned(state) ?? refuseCancelled(state);

export const refuseSigned = ({ status, number }: ContractState): DomainError | undefined =>
  status === "SIGNED" ? reject("CONTRACT_SIGNED", { number }) : undefined;

export const refuseCancelled = ({ status, number }: ContractState): DomainError | undefined =>
  status === "CANCELLED" ? reject("CONTRACT_CANCELLED", { number }) : undefined;

/** Refuses a cover that ends before it begins. */
export const refuseCover = (cover: Contract_Cover | undefined): DomainError | undefined =>
  cover?.fromDate !== undefined && cover.untilDate !== undefined && compareDates(cover.untilDate, cover.fromDate) < 0
    ? reject("COVER_INVALID")
    : undefined;

/** The clause, or the refusal of one that is not there. */
export const clauseOf = ({ clauses }: ContractState, clauseId: string): Contract_Clause | DomainError =>
  clauses.find(({ id }) => id === clauseId) ?? reject("CLAUSE_NOT_FOUND", { clauseId });
