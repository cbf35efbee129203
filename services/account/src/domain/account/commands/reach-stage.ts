import type { AccountRule, ReachStage } from "../command.ts";

const order: readonly string[] = ["STAGE_UNSPECIFIED", "POTENTIAL", "INTENT", "CLOSED_WON"] satisfies (
  | ReachStage["stage"]
  | "STAGE_UNSPECIFIED"
)[];

/** C-001. Facts lift the stage and never lower it; a stage that was reached already yields []. */
export const reachStage: AccountRule<"ReachStage"> = ({ stage, time, causedBy }, state) =>
  order.indexOf(stage) <= order.indexOf(state.stage)
    ? []
    : [{ type: "AccountStageChanged", change: { from: state.stage, to: stage, time, causedBy } }];
