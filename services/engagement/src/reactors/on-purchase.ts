import { derivedId } from "@keynode/aggregate/type-id";
import { reactionScope, settled } from "@keynode/api/reaction";
import { Task } from "@keynode/contracts/crm/engagement/v1/task";
import { PurchaseRecorded } from "@keynode/contracts/crm/contract/v1/purchase_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { taskContext } from "../api/context.ts";
import type { TaskStore } from "../task.ts";

/** The catalogue's default: the after-sales check is due on the third day after a purchase (C-066). */
const careAfterMs = 3 * 24 * 3_600_000;

/** C-057, C-066. Every purchase has one care task on day 3; the purchase's id names it. */
export const onPurchase = (tasks: TaskStore, { name, now, log }: ServiceTools): Reactor => ({
  name: "on-purchase",
  from: { contract: ["PurchaseRecorded"] },
  handle: async (event) => {
    const { purchase } = PurchaseRecorded.decode(event.data);
    if (purchase === undefined) return;
    const task = Task.fromPartial({
      ownerId: purchase.ownerId,
      teamId: purchase.teamId,
      accountId: purchase.accountId,
      opportunityId: purchase.opportunityId,
      contractId: purchase.contractId,
      kind: "CARE",
      subject: "After-sales check / 售后回访",
      dueTime: new Date(event.at.getTime() + careAfterMs),
      originEventId: event.id,
    });
    const id = derivedId("task", event.tenant, "care", event.recordId);
    const scope = reactionScope(name, event, now());
    settled(await tasks.create({ type: "CreateTask", task }, scope, taskContext, id), event, log);
  },
});
