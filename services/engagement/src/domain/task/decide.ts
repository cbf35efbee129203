import { deleted, edited, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { reject } from "@keynode/decider/domain-error";
import { cancelTask, completeTask } from "./commands/close-task.ts";
import { remind } from "./commands/remind.ts";
import type { TaskCommand, TaskContext, TaskEvent, TaskState } from "./task.ts";

export const decide = decideBy<TaskCommand, TaskState, TaskEvent, TaskContext>({
  CreateTask: ({ task }) => (task === undefined ? [] : [{ type: "TaskCreated", task }]),
  Remind: onRecord(remind),
  CompleteTask: onRecord(completeTask),
  CancelTask: onRecord(cancelTask),
  UpdateTask: onRecord(({ task, updateMask }, state, context) => {
    if (state.status !== "OPEN") return reject("TASK_CLOSED", { status: state.status });
    return task === undefined ? [] : edited("Task", state, task, updateMask ?? [], context);
  }),
  ReassignTask: onRecord((to, state) => reassigned("Task", state, to)),
  DeleteTask: onRecord((_command, state, context) => deleted("Task", state, context)),
  UndeleteTask: onRecord((_command, state) => restored("Task", state)),
});
