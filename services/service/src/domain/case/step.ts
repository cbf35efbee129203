import type { Case_Status, Case_Step } from "@keynode/contracts/crm/service/v1/case";
import type { CaseContext } from "./context.ts";

/** The step that a decision takes a case to. */
export const stepTo = (
  status: Exclude<Case_Status, "STATUS_UNSPECIFIED" | "UNRECOGNIZED">,
  { now, actor }: Pick<CaseContext, "now" | "actor">,
  { assigneeId, note = "" }: { readonly assigneeId: string; readonly note?: string },
): Case_Step => ({ status, time: now, actor, note, assigneeId });
