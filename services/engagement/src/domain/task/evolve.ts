import { evolveStandard } from "@keynode/decider/crud";
import type { TaskEvent, TaskState } from "./task.ts";

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: TaskState | undefined, event: TaskEvent): TaskState => {
  if (event.type === "TaskCreated") return { ...(event.task as TaskState), status: "OPEN" };
  return evolveTask(state as TaskState, event);
};

const evolveTask = (state: TaskState, event: Exclude<TaskEvent, { type: "TaskCreated" }>): TaskState => {
  switch (event.type) {
    case "TaskReminded":
      return { ...state, overdue: true, remindTime: event.remindTime };
    case "TaskCompleted":
      return { ...closed(state, event), status: "DONE", outcome: event.outcome };
    case "TaskCancelled":
      return { ...closed(state, event), status: "CANCELLED", outcome: event.reason };
    case "TaskEdited":
    case "TaskReassigned":
    case "TaskDeleted":
    case "TaskRestored":
      return rescheduled(state, evolveStandard("Task", state, event) ?? state);
  }
};

const closed = (
  state: TaskState,
  { completeTime, completedBy }: { completeTime?: Date | undefined; completedBy: string },
): TaskState => ({ ...state, overdue: false, completeTime, completedBy });

/** A task with a new time to be done is not overdue before it, and is reminded of anew. */
const rescheduled = (before: TaskState, after: TaskState): TaskState =>
  before.dueTime?.getTime() === after.dueTime?.getTime() ? after : { ...after, overdue: false, remindTime: undefined };
