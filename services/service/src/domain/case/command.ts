import type {
  AssignCaseRequest,
  CloseCaseRequest,
  ConfirmCaseRequest,
  CreateCaseRequest,
  DeleteCaseRequest,
  ReassignCaseRequest,
  ReopenCaseRequest,
  SolveCaseRequest,
  UndeleteCaseRequest,
  UpdateCaseRequest,
} from "@keynode/contracts/crm/service/v1/case_service";
import type { RecordRule, Tagged } from "@keynode/decider/decider";
import type { CaseContext } from "./context.ts";
import type { CaseEvent } from "./events.ts";
import type { CaseState } from "./state.ts";

export type CaseCommand = Tagged<{
  CreateCase: CreateCaseRequest;
  /** Looks for a cover once more. */
  CheckCover: object;
  /** Looks once more for somebody to work on a case that nobody has. */
  RouteCase: object;
  AssignCase: AssignCaseRequest;
  SolveCase: SolveCaseRequest;
  ConfirmCase: ConfirmCaseRequest;
  ReopenCase: ReopenCaseRequest;
  CloseCase: CloseCaseRequest;
  UpdateCase: UpdateCaseRequest;
  ReassignCase: ReassignCaseRequest;
  DeleteCase: DeleteCaseRequest;
  UndeleteCase: UndeleteCaseRequest;
}>;

/** The rule of one command on an existing case. */
export type CaseRule<Type extends CaseCommand["type"]> = RecordRule<
  Extract<CaseCommand, { type: Type }>,
  CaseState,
  CaseEvent,
  CaseContext
>;
