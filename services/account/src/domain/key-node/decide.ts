import { reassigned } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { reject } from "@keynode/decider/domain-error";
import { createKeyNode } from "./commands/create-key-node.ts";
import { respond } from "./commands/respond.ts";
import type { KeyNodeCommand, KeyNodeContext, KeyNodeEvent, KeyNodeState } from "./state.ts";

export const decide = decideBy<KeyNodeCommand, KeyNodeState, KeyNodeEvent, KeyNodeContext>({
  CreateKeyNode: createKeyNode,
  JoinAccount: onRecord(({ accountId }, state) =>
    state.accountId === "" ? [{ type: "KeyNodeJoinedAccount", accountId }] : [],
  ),
  NoticeLate: onRecord((_command, { status, responseDueTime, accountId, leadId, nodeType }, { now }) =>
    status === "OPEN" && responseDueTime !== undefined && responseDueTime <= now
      ? [{ type: "KeyNodeBecameLate", responseDueTime, accountId, leadId, nodeType }]
      : [],
  ),
  RespondToKeyNode: onRecord(respond),
  WaiveKeyNode: onRecord(({ reason }, { status }, { now, actor }) => {
    if (status === "WAIVED") return [];
    if (status === "DONE") return reject("KEY_NODE_CLOSED", { status });
    return [{ type: "KeyNodeWaived", reason, waiveTime: now, waivedBy: actor }];
  }),
  ReassignKeyNode: onRecord((to, state) => reassigned("KeyNode", state, to)),
});
