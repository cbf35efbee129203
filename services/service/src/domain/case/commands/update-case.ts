import { edited } from "@keynode/decider/crud";
import type { CaseRule } from "../command.ts";
import { refuseClosed, refuseFacts } from "../refusals.ts";

/** C-061. Errors: CASE_CLOSED, CONTACT_NOT_FOUND, PRODUCT_NOT_FOUND, PROJECTION_LAGGING. */
export const updateCase: CaseRule<"UpdateCase"> = ({ case: patch, updateMask = [] }, state, context) => {
  if (patch === undefined) return [];
  const refusal = refuseClosed(state) ?? refuseFacts(patch, context);
  return refusal ?? edited("Case", state, patch, updateMask, context);
};
