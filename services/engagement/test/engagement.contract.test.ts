import { newId } from "@keynode/aggregate/type-id";
import { Behaviour } from "@keynode/contracts/crm/engagement/v1/behaviour";
import { BehaviourServiceService, ListBehavioursRequest } from "@keynode/contracts/crm/engagement/v1/behaviour_service";
import { Task } from "@keynode/contracts/crm/engagement/v1/task";
import { ListTasksRequest, TaskServiceService } from "@keynode/contracts/crm/engagement/v1/task_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { refusal } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { engagementService } from "../src/service.ts";

let under: ServiceUnderTest;
let tasks: GrpcClient<typeof TaskServiceService>;

beforeAll(async () => {
  under = await startForTest(engagementService);
  tasks = under.client(TaskServiceService);
});

const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
const create = (partial: Partial<Task> = {}, client = tasks) =>
  client.createTask({
    task: Task.fromPartial({ kind: "FOLLOW_UP", subject: "Call back", dueTime: hours(24), ...partial }),
  });
const listed = async (filter: string, client = tasks) =>
  (await client.listTasks(ListTasksRequest.fromPartial({ filter }))).tasks;
describe("a task", () => {
  it("is its caller's, open, and is read back as it was answered", async () => {
    const task = await create({ status: "DONE", overdue: true, originEventId: "forged" });
    expect(task).toMatchObject({ ownerId: under.admin.actor, status: "OPEN", overdue: false, originEventId: "" });
    expect(await tasks.getTask({ id: task.id })).toEqual(task);
  });
  it("is refused naming every required field that is empty", async () => {
    const empty = create({ kind: "KIND_UNSPECIFIED", subject: "", dueTime: undefined });
    expect(await refusal(empty)).toMatchObject({
      code: "INVALID_ARGUMENT",
      fields: ["task.kind", "task.subject", "task.due_time"],
    });
  });
  it("is listed first when it is due first", async () => {
    const accountId = newId("account");
    for (const due of [3, 1, 2]) await create({ accountId, subject: `in ${due} h`, dueTime: hours(due) });
    expect((await listed(`accountId = "${accountId}"`)).map(({ subject }) => subject)).toEqual([
      "in 1 h",
      "in 2 h",
      "in 3 h",
    ]);
  });
  it("is found by what it concerns, its kind and whether it is done", async () => {
    const concerns = { accountId: newId("account"), leadId: newId("lead"), caseId: newId("case") };
    const { id } = await create({ ...concerns, kind: "CARE" });
    await create({ ...concerns, kind: "SALES" });
    for (const [field, value] of Object.entries(concerns)) {
      expect((await listed(`${field} = "${value}" AND kind = CARE AND status = OPEN`)).map((row) => row.id)).toEqual([
        id,
      ]);
    }
  });
  it("is done once; another outcome afterwards is refused", async () => {
    const { id } = await create();
    const done = await tasks.completeTask({ id, etag: "", outcome: "reached" });
    expect(done).toMatchObject({ status: "DONE", outcome: "reached", completedBy: under.admin.actor });
    expect((await tasks.completeTask({ id, etag: "", outcome: "reached" })).etag).toBe(done.etag);
    expect(await refusal(tasks.completeTask({ id, etag: "", outcome: "not reached" }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "TASK_CLOSED",
      metadata: { status: "DONE" },
    });
    expect((await refusal(tasks.cancelTask({ id, etag: "", reason: "late" }))).reason).toBe("TASK_CLOSED");
  });
  it("is only seen by its owner, where the right is to one's own", async () => {
    const { id } = await create();
    const own = { actor: newId("user"), teams: [], grants: { "tasks.*": "own" as const } };
    expect((await refusal(under.client(TaskServiceService, own).getTask({ id }))).code).toBe("NOT_FOUND");
    const foreigner = under.client(TaskServiceService, { tenant: newId("tenant") });
    expect((await refusal(foreigner.completeTask({ id, etag: "", outcome: "x" }))).code).toBe("NOT_FOUND");
  });
});

describe("a reminder (C-043)", () => {
  it("fires by itself when a task falls due, once", async () => {
    const { id } = await create({ dueTime: new Date(Date.now() + 300) });
    await expect.poll(async () => (await tasks.getTask({ id })).overdue, { timeout: 10_000 }).toBe(true);
    const types = async () => (await under.recorded(id)).map(({ type }) => type);
    expect(await types()).toEqual(["TaskCreated", "TaskReminded"]);
    await tasks.updateTask({ task: Task.fromPartial({ id, subject: "Call now" }), updateMask: ["subject"] });
    expect(await types()).toEqual(["TaskCreated", "TaskReminded", "TaskEdited"]);
    expect((await tasks.getTask({ id })).remindTime).toBeDefined();
  });
  it("fires anew for a task that was postponed", async () => {
    const { id } = await create({ dueTime: hours(-1) });
    await expect.poll(async () => (await tasks.getTask({ id })).overdue, { timeout: 10_000 }).toBe(true);
    const postponed = await tasks.updateTask({
      task: Task.fromPartial({ id, dueTime: new Date(Date.now() + 300) }),
      updateMask: ["due_time"],
    });
    expect(postponed.overdue).toBe(false);
    await expect.poll(async () => (await tasks.getTask({ id })).overdue, { timeout: 10_000 }).toBe(true);
    expect((await under.recorded(id)).filter(({ type }) => type === "TaskReminded")).toHaveLength(2);
  });
  it("does not fire for a task that is done", async () => {
    const [done, witness] = [await create({ dueTime: hours(1) }), await create({ dueTime: hours(1) })];
    await tasks.completeTask({ id: done.id, etag: "", outcome: "early" });
    const wakeAtOf = async (id: string) =>
      (await under.db.collection<{ _id: string; wakeAt?: Date }>("tasks").findOne({ _id: id }))?.wakeAt;
    expect(await wakeAtOf(witness.id)).toEqual(witness.dueTime);
    expect(await wakeAtOf(done.id)).toBeUndefined();
  });
});

describe("a behaviour (C-034)", () => {
  it("is recorded for a visitor, and listed as theirs, newest first", async () => {
    const behaviours = under.client(BehaviourServiceService);
    const visitorId = newId("visitor");
    const record = (partial: Partial<Behaviour>) =>
      behaviours.createBehaviour({ behaviour: Behaviour.fromPartial({ visitorId, ...partial }) });
    await record({ type: "SITE_VISIT", occurTime: hours(-2) });
    await record({ type: "DOWNLOAD", subject: "Price list", occurTime: hours(-1) });
    const { behaviours: rows } = await behaviours.listBehaviours(
      ListBehavioursRequest.fromPartial({ filter: `visitorId = "${visitorId}"` }),
    );
    expect(rows.map(({ type }) => type)).toEqual(["DOWNLOAD", "SITE_VISIT"]);
    expect(await refusal(record({ visitorId: "", type: "PAGE_VIEW" }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "BEHAVIOUR_WITHOUT_PERSON",
    });
  });
});
