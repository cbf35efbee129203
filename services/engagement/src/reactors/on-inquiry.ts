import { derivedId } from "@keynode/aggregate/type-id";
import { reactionScope, settled } from "@keynode/api/reaction";
import { Task } from "@keynode/contracts/crm/engagement/v1/task";
import { LeadInquiryRecorded } from "@keynode/contracts/crm/lead/v1/lead_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { taskContext } from "../api/context.ts";
import type { TaskStore } from "../task.ts";

/** The catalogue's default: a first inquiry is followed up within a day (C-029). */
const followUpWithinMs = 24 * 3_600_000;

/** C-029. A lead's first question has one follow-up task, which carries the question. */
export const onInquiry = (tasks: TaskStore, { name, now, log }: ServiceTools): Reactor => ({
  name: "on-inquiry",
  from: { lead: ["LeadInquiryRecorded"] },
  handle: async (event) => {
    const { first, inquiry, snapshot } = LeadInquiryRecorded.decode(event.data);
    if (!first) return;
    const task = Task.fromPartial({
      ownerId: snapshot?.ownerId ?? "",
      teamId: snapshot?.teamId ?? "",
      leadId: event.recordId,
      kind: "FOLLOW_UP",
      subject: `Answer the first inquiry / 首次咨询跟进: ${inquiry?.product ?? ""}`,
      description: inquiry?.question ?? "",
      dueTime: new Date((inquiry?.inquireTime ?? event.at).getTime() + followUpWithinMs),
      originEventId: event.id,
    });
    const id = derivedId("task", event.tenant, "first-inquiry", event.recordId);
    const scope = reactionScope(name, event, now());
    settled(await tasks.create({ type: "CreateTask", task }, scope, taskContext, id), event, log);
  },
});
