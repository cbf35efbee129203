import type { ContextFor } from "@keynode/aggregate/store";
import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Case } from "@keynode/contracts/crm/service/v1/case";
import type { CaseServiceService } from "@keynode/contracts/crm/service/v1/case_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { CaseStore } from "../case.ts";
import type { CaseCommand } from "../domain/case/command.ts";
import type { CaseContext } from "../domain/case/context.ts";
import type { CaseState } from "../domain/case/state.ts";
import { serviceErrors } from "../domain/errors.ts";
import { caseListing } from "./list.ts";

/** One entry per rpc of CaseService. */
export const caseApi = (
  cases: CaseStore,
  context: ContextFor<CaseState, CaseContext, CaseCommand>,
): Handlers<typeof CaseServiceService> => ({
  ...standardRpcs(cases, {
    name: "Case",
    field: "case",
    rows: "cases",
    typeName: "crm.service.v1.Case",
    fromPartial: Case.fromPartial,
    listing: caseListing,
    errors: serviceErrors,
    context,
  }),
  assignCase: command(cases, "AssignCase", context),
  solveCase: command(cases, "SolveCase", context),
  confirmCase: command(cases, "ConfirmCase", context),
  reopenCase: command(cases, "ReopenCase", context),
  closeCase: command(cases, "CloseCase", context),
});
