import { deleted, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import type { CaseCommand } from "./command.ts";
import { assignCase } from "./commands/assign-case.ts";
import { checkCover } from "./commands/check-cover.ts";
import { closeCase } from "./commands/close-case.ts";
import { confirmCase } from "./commands/confirm-case.ts";
import { createCase } from "./commands/create-case.ts";
import { reopenCase } from "./commands/reopen-case.ts";
import { routeCase } from "./commands/route-case.ts";
import { solveCase } from "./commands/solve-case.ts";
import { updateCase } from "./commands/update-case.ts";
import type { CaseContext } from "./context.ts";
import type { CaseEvent } from "./events.ts";
import type { CaseState } from "./state.ts";

export const decide = decideBy<CaseCommand, CaseState, CaseEvent, CaseContext>({
  CreateCase: createCase,
  CheckCover: onRecord(checkCover),
  RouteCase: onRecord(routeCase),
  AssignCase: onRecord(assignCase),
  SolveCase: onRecord(solveCase),
  ConfirmCase: onRecord(confirmCase),
  ReopenCase: onRecord(reopenCase),
  CloseCase: onRecord(closeCase),
  UpdateCase: onRecord(updateCase),
  ReassignCase: onRecord((to, state) => reassigned("Case", state, to)),
  DeleteCase: onRecord((_command, state, context) => deleted("Case", state, context)),
  UndeleteCase: onRecord((_command, state) => restored("Case", state)),
});
