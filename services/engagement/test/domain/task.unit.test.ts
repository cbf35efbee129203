import { Task } from "@keynode/contracts/crm/engagement/v1/task";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/task/decide.ts";
import { evolve } from "../../src/domain/task/evolve.ts";
import type { TaskCommand, TaskContext, TaskEvent, TaskState } from "../../src/domain/task/task.ts";

const dueTime = new Date("2026-07-04T10:00:00Z");
const early: TaskContext = { now: new Date("2026-07-01T10:00:00Z"), actor: "user_li" };
const context: TaskContext = { now: dueTime, actor: "user_li" };
const later = new Date("2026-07-08T10:00:00Z");
const noEtag = { id: "task_1", etag: "" };
const task = Task.fromPartial({
  ownerId: "user_li",
  accountId: "account_1",
  kind: "CARE",
  subject: "After-sales check",
  dueTime,
});
const create: TaskCommand = { type: "CreateTask", task };
const remind: TaskCommand = { type: "Remind" };
const complete = (outcome: string): TaskCommand => ({ type: "CompleteTask", ...noEtag, outcome });
const cancel: TaskCommand = { type: "CancelTask", ...noEtag, reason: "customer left" };
const postpone: TaskCommand = { type: "UpdateTask", task: { ...task, dueTime: later }, updateMask: ["due_time"] };

const created: TaskEvent = { type: "TaskCreated", task };
const reminded: TaskEvent = {
  type: "TaskReminded",
  dueTime,
  remindTime: dueTime,
  ownerId: "user_li",
  accountId: "account_1",
};
const by = { completeTime: dueTime, completedBy: "user_li", accountId: "account_1" };
const completed: TaskEvent = { type: "TaskCompleted", outcome: "happy", ...by };
const cancelled: TaskEvent = { type: "TaskCancelled", reason: "customer left", ...by };
const postponed: TaskEvent = {
  type: "TaskEdited",
  changes: { ...task, dueTime: later },
  changedFields: ["due_time"],
  editTime: dueTime,
};
const rules = specify({ decide, evolve });

describe("a task (C-043)", () => {
  it("is open and not overdue", () => {
    rules
      .given()
      .when(create, context)
      .thenTypes(["TaskCreated"], (state) => {
        expect(state).toMatchObject({ status: "OPEN", overdue: false });
      });
  });
  it("is reminded of when it falls due, and not before", () => {
    rules.given(created).when(remind, early).thenNothing();
    rules.given(created).when(remind, context).then(reminded);
  });
  it("is overdue and reminded of once", () => {
    rules
      .given(created, reminded)
      .when(remind, { ...context, now: later })
      .thenNothing();
    expect([created, reminded].reduce<TaskState | undefined>(evolve, undefined)).toMatchObject({
      overdue: true,
      remindTime: dueTime,
    });
  });
  it("is not overdue before its new time, and reminded of anew then", () => {
    rules
      .given(created, reminded)
      .when(postpone, context)
      .thenTypes(["TaskEdited"], (state) => {
        expect(state).toMatchObject({ overdue: false, dueTime: later });
        expect(state.remindTime).toBeUndefined();
      });
    rules.given(created, reminded, postponed).when(remind, context).thenNothing();
    rules
      .given(created, reminded, postponed)
      .when(remind, { ...context, now: later })
      .then({ ...reminded, dueTime: later, remindTime: later });
  });
  it("is not reminded of once it is done or cancelled", () => {
    rules.given(created, completed).when(remind, context).thenNothing();
    rules.given(created, cancelled).when(remind, context).thenNothing();
  });
});

describe("the end of a task", () => {
  it("is that it is done, with its outcome", () => {
    rules
      .given(created, reminded)
      .when(complete("happy"), context)
      .thenTypes(["TaskCompleted"], (state) => {
        expect(state).toMatchObject({ status: "DONE", outcome: "happy", completedBy: "user_li", overdue: false });
      });
  });
  it("is quiet when it is done again with the same outcome, refused with another", () => {
    rules.given(created, completed).when(complete("happy"), context).thenNothing();
    rules.given(created, completed).when(complete("angry"), context).thenRefused("TASK_CLOSED", { status: "DONE" });
    rules.given(created, cancelled).when(complete("happy"), context).thenRefused("TASK_CLOSED", {
      status: "CANCELLED",
    });
  });
  it("is that it is cancelled, once, unless it is done", () => {
    rules.given(created).when(cancel, context).then(cancelled);
    rules.given(created, cancelled).when(cancel, context).thenNothing();
    rules.given(created, completed).when(cancel, context).thenRefused("TASK_CLOSED", { status: "DONE" });
  });
  it("settles its facts", () => {
    rules.given(created, completed).when(postpone, context).thenRefused("TASK_CLOSED", { status: "DONE" });
  });
});

describe("whatever is asked of a task", () => {
  const commands: TaskCommand[] = [
    remind,
    complete("happy"),
    cancel,
    postpone,
    { type: "UpdateTask", task, updateMask: ["due_time"] },
    { type: "DeleteTask", ...noEtag },
    { type: "UndeleteTask", ...noEtag },
    { type: "ReassignTask", ...noEtag, ownerId: "user_wang", teamId: "" },
  ];
  it("it is overdue only while it is open and was reminded of", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ command: fc.constantFrom(...commands), now: fc.constantFrom(early.now, dueTime, later) })),
        (sequence) => {
          let state = evolve(undefined, created);
          for (const { command, now } of sequence) {
            const outcome = decide(command, state, { ...context, now });
            if ("kind" in outcome) continue;
            state = outcome.reduce<TaskState>(evolve, state);
            if (state.overdue) expect(state).toMatchObject({ status: "OPEN", remindTime: expect.any(Date) });
            expect(state.completeTime !== undefined).toBe(state.status !== "OPEN");
          }
        },
      ),
    );
  });
});
