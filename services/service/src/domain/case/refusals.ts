import type { Case } from "@keynode/contracts/crm/service/v1/case";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { refuseReference } from "@keynode/decider/reference";
import type { CaseContext } from "./context.ts";
import type { CaseState } from "./state.ts";

/** Refuses a case that nobody works on any more. */
export const refuseClosed = ({ status }: CaseState): DomainError | undefined =>
  status === "CONFIRMED" || status === "CLOSED" ? reject("CASE_CLOSED", { status }) : undefined;

/** Refuses what a case says of other records when they are not there. */
export const refuseFacts = (
  { contactId, productId }: Pick<Case, "contactId" | "productId">,
  { references }: CaseContext,
): DomainError | undefined =>
  refuseReference(references.contact, "CONTACT_NOT_FOUND", { contactId }) ??
  refuseReference(references.product, "PRODUCT_NOT_FOUND", { productId });

export const refuseAssignee = (assigneeId: string, { references }: CaseContext): DomainError | undefined =>
  refuseReference(references.assignee, "ASSIGNEE_NOT_FOUND", { assigneeId });
