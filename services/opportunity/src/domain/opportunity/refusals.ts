import { type DomainError, type FieldViolation, reject } from "@keynode/decider/domain-error";
import { type Money, negativeAmounts } from "@keynode/decider/money";
import { type Reference, refuseReference } from "@keynode/decider/reference";
import type { OpportunityState } from "./state.ts";

/** Refuses a deal that is won or lost. */
export const refuseClosed = ({ status }: OpportunityState): DomainError | undefined =>
  status === "OPEN" ? undefined : reject("OPPORTUNITY_CLOSED", { status });

/** Refuses amounts below zero; they are given by the proto path each stands at. */
export const refuseNegative = (amounts: Readonly<Record<string, Money | undefined>>): DomainError | undefined =>
  refuseFields(negativeAmounts(amounts));

/** Refuses a request that has something wrong in its fields. */
export const refuseFields = (violations: readonly FieldViolation[]): DomainError | undefined =>
  violations.length === 0 ? undefined : reject("INVALID_REQUEST", {}, violations);

/** Refuses an account that the tenant does not have; none at all is fine. */
export const refuseUnknownAccount = (accountId: string, account: Reference): DomainError | undefined =>
  accountId === "" ? undefined : refuseReference(account, "ACCOUNT_NOT_FOUND", { accountId });
