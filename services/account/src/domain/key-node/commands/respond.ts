import { reject } from "@keynode/decider/domain-error";
import type { KeyNodeRule } from "../state.ts";

/** C-002. The same response again yields []. Errors: KEY_NODE_CLOSED. */
export const respond: KeyNodeRule<"RespondToKeyNode"> = ({ outcome }, state, { now, actor }) => {
  const { status, responseDueTime } = state;
  if (status === "DONE" && state.outcome === outcome) return [];
  if (status === "DONE" || status === "WAIVED") return reject("KEY_NODE_CLOSED", { status });
  const late = status === "LATE" || (responseDueTime !== undefined && now > responseDueTime);
  return [{ type: "KeyNodeResponded", outcome, responseTime: now, respondedBy: actor, late }];
};
