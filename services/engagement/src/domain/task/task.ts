import type { Task } from "@keynode/contracts/crm/engagement/v1/task";
import type {
  TaskCancelled,
  TaskCompleted,
  TaskCreated,
  TaskDeleted,
  TaskEdited,
  TaskReassigned,
  TaskReminded,
  TaskRestored,
} from "@keynode/contracts/crm/engagement/v1/task_events";
import type {
  CancelTaskRequest,
  CompleteTaskRequest,
  CreateTaskRequest,
  DeleteTaskRequest,
  ReassignTaskRequest,
  UndeleteTaskRequest,
  UpdateTaskRequest,
} from "@keynode/contracts/crm/engagement/v1/task_service";
import type { RecordRule, Tagged } from "@keynode/decider/decider";

export type TaskState = Task;

export type TaskEvent = Tagged<{
  TaskCreated: TaskCreated;
  TaskReminded: TaskReminded;
  TaskCompleted: TaskCompleted;
  TaskCancelled: TaskCancelled;
  TaskEdited: TaskEdited;
  TaskReassigned: TaskReassigned;
  TaskDeleted: TaskDeleted;
  TaskRestored: TaskRestored;
}>;

export type TaskCommand = Tagged<{
  CreateTask: CreateTaskRequest;
  Remind: object;
  CompleteTask: CompleteTaskRequest;
  CancelTask: CancelTaskRequest;
  UpdateTask: UpdateTaskRequest;
  ReassignTask: ReassignTaskRequest;
  DeleteTask: DeleteTaskRequest;
  UndeleteTask: UndeleteTaskRequest;
}>;

/** All that a decision about a task may know besides its arguments. */
export type TaskContext = { readonly now: Date; readonly actor: string };

/** The rule of one command on an existing task. */
export type TaskRule<Type extends TaskCommand["type"]> = RecordRule<
  Extract<TaskCommand, { type: Type }>,
  TaskState,
  TaskEvent,
  TaskContext
>;
