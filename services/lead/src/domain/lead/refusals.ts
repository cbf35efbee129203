import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { LeadState } from "./state.ts";

/** Refuses a lead that has been converted: its facts are the account's from then on. */
export const refuseConverted = (state: LeadState): DomainError | undefined =>
  state.status === "CONVERTED" ? reject("LEAD_CONVERTED", { accountId: state.conversion?.accountId ?? "" }) : undefined;

/** Refuses a lead whose account, contact and opportunity are being made. */
export const refusePending = (state: LeadState): DomainError | undefined =>
  state.status !== "CONVERTED" && state.conversion?.state === "PENDING" ? reject("CONVERSION_PENDING") : undefined;

/** Refuses a lead that was given up. */
export const refuseDisqualified = (state: LeadState): DomainError | undefined =>
  state.status === "DISQUALIFIED"
    ? reject("LEAD_DISQUALIFIED", { reason: state.qualification?.reason ?? "" })
    : undefined;
