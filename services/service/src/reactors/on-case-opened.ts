import type { ContextFor } from "@keynode/aggregate/store";
import { reactionScope, settled } from "@keynode/api/reaction";
import { CaseOpened } from "@keynode/contracts/crm/service/v1/case_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { CaseStore } from "../case.ts";
import type { CaseCommand } from "../domain/case/command.ts";
import type { CaseContext } from "../domain/case/context.ts";
import type { CaseState } from "../domain/case/state.ts";

/**
 * C-057. A case that was opened out of cover looks once more: a contract may have been heard of between the look and the
 * case's being there, when the reaction to its signing did not find the case yet.
 */
export const onCaseOpened = (
  cases: CaseStore,
  context: ContextFor<CaseState, CaseContext, CaseCommand>,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-case-opened",
  from: { service: ["CaseOpened"] },
  handle: async (event) => {
    if (CaseOpened.decode(event.data).case?.coverStatus !== "OUT_OF_COVER") return;
    const check = { type: "CheckCover" } as const;
    settled(await cases.execute(event.recordId, check, reactionScope(name, event, now()), context), event, log);
  },
});
