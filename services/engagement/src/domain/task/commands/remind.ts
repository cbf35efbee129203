import type { TaskRule } from "../task.ts";

/** C-043. An open task whose time has come is reminded of once. */
export const remind: TaskRule<"Remind"> = (_command, { status, remindTime, dueTime, ownerId, accountId }, { now }) =>
  status === "OPEN" && remindTime === undefined && dueTime !== undefined && dueTime <= now
    ? [{ type: "TaskReminded", dueTime, remindTime: now, ownerId, accountId }]
    : [];
