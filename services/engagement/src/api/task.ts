import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Task } from "@keynode/contracts/crm/engagement/v1/task";
import type { TaskServiceService } from "@keynode/contracts/crm/engagement/v1/task_service";
import type { Handlers } from "@keynode/grpc/implement";
import { engagementErrors } from "../domain/errors.ts";
import type { TaskStore } from "../task.ts";
import { taskContext } from "./context.ts";
import { taskListing } from "./list.ts";

/** One entry per rpc of TaskService. */
export const taskApi = (tasks: TaskStore): Handlers<typeof TaskServiceService> => ({
  ...standardRpcs(tasks, {
    name: "Task",
    field: "task",
    rows: "tasks",
    typeName: "crm.engagement.v1.Task",
    fromPartial: Task.fromPartial,
    listing: taskListing,
    errors: engagementErrors,
    context: taskContext,
  }),
  completeTask: command(tasks, "CompleteTask", taskContext),
  cancelTask: command(tasks, "CancelTask", taskContext),
});
