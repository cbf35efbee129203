import type { Line } from "@keynode/contracts/crm/contract/v1/line";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { type Reference, refuseReference } from "@keynode/decider/reference";

/** What is known of the records that a command names. */
export type References = {
  readonly account: Reference;
  readonly opportunity: Reference;
  /** Those of the products named that the tenant does not have. */
  readonly missingProductIds: readonly string[];
};

/** Errors: ACCOUNT_NOT_FOUND, OPPORTUNITY_NOT_FOUND. */
export const refuseParties = (
  { accountId, opportunityId }: { readonly accountId: string; readonly opportunityId: string },
  { account, opportunity }: References,
): DomainError | undefined =>
  refuseReference(account, "ACCOUNT_NOT_FOUND", { accountId }) ??
  refuseReference(opportunity, "OPPORTUNITY_NOT_FOUND", { opportunityId });

/** Errors: PRODUCT_NOT_FOUND naming the products that the tenant does not have. */
export const refuseProducts = (lines: readonly Line[], { missingProductIds }: References): DomainError | undefined => {
  const missing = missingProductIds.filter((id) => lines.some(({ productId }) => productId === id));
  return missing.length === 0 ? undefined : reject("PRODUCT_NOT_FOUND", { productId: missing.join(", ") });
};
