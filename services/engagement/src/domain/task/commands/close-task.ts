import { reject } from "@keynode/decider/domain-error";
import type { TaskRule } from "../task.ts";

/** The same outcome again yields []. Errors: TASK_CLOSED. */
export const completeTask: TaskRule<"CompleteTask"> = ({ outcome }, state, { now, actor }) => {
  const { status, accountId } = state;
  if (status === "DONE" && state.outcome === outcome) return [];
  if (status !== "OPEN") return reject("TASK_CLOSED", { status });
  return [{ type: "TaskCompleted", outcome, completeTime: now, completedBy: actor, accountId }];
};

/** Cancelling again yields []. Errors: TASK_CLOSED when it is done. */
export const cancelTask: TaskRule<"CancelTask"> = ({ reason }, { status, accountId }, { now, actor }) => {
  if (status === "CANCELLED") return [];
  if (status !== "OPEN") return reject("TASK_CLOSED", { status });
  return [{ type: "TaskCancelled", reason, completeTime: now, completedBy: actor, accountId }];
};
