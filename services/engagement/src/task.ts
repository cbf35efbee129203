import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/engagement/v1/task_events";
import { listIndexes } from "@keynode/query/listing";
import { taskListing } from "./api/list.ts";
import { decide } from "./domain/task/decide.ts";
import { evolve } from "./domain/task/evolve.ts";
import type { TaskCommand, TaskContext, TaskEvent, TaskState } from "./domain/task/task.ts";

export type TaskStore = Store<TaskState, TaskCommand, TaskEvent, TaskContext>;

export const taskAggregate = defineAggregate<TaskState, TaskCommand, TaskEvent, TaskContext>({
  name: "task",
  collection: "tasks",
  decider: { decide, evolve },
  events: codecs,
  wakeAt: ({ status, remindTime, dueTime, deleteTime }) =>
    status === "OPEN" && remindTime === undefined && deleteTime === undefined ? dueTime : undefined,
  onDeleted: ["DeleteTask", "UndeleteTask"],
  indexes: listIndexes(taskListing),
});
