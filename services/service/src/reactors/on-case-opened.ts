import type { ContextFor } from "@keynode/aggregate/store";
import { reactionScope, settled } from "@keynode/api/reaction";
import { CaseOpened } from "@keynode/contracts/crm/service/v1/case_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { CaseStore } from "../case.ts";
import type { CaseCommand } from "../domain/case/command.ts";
import type { CaseContext } from "../domain/case/context.ts";
import type { CaseState } from "../domain/case/state.ts";

/**
 * C-057, C-060. A case that was opened out of cover, or for nobody, looks once more: a contract or an agent may have been
 * heard of between the look and the case's being there, when the reaction to them did not find the case yet.
 */
export const onCaseOpened = (
  cases: CaseStore,
  context: ContextFor<CaseState, CaseContext, CaseCommand>,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-case-opened",
  from: { service: ["CaseOpened"] },
  handle: async (event) => {
    const isUncovered = CaseOpened.decode(event.data).case?.coverStatus === "OUT_OF_COVER";
    // A case that somebody has was assigned by the same commit.
    const isUnassigned = event.count === 1;
    const looks: CaseCommand[] = [
      ...(isUncovered ? [{ type: "CheckCover" } as const] : []),
      ...(isUnassigned ? [{ type: "RouteCase" } as const] : []),
    ];
    for (const look of looks) {
      settled(await cases.execute(event.recordId, look, reactionScope(name, event, now()), context), event, log);
    }
  },
});
