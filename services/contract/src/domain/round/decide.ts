import type { Round } from "@keynode/contracts/crm/contract/v1/round";
import { type Clock, reassigned } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { parties } from "../contract/state.ts";
import type { RoundCommand } from "./command.ts";
import type { RoundEvent } from "./events.ts";

/** C-055. Whoever proposes a position accepts it thereby. Repeats yield []. */
export const decide = decideBy<RoundCommand, Round, RoundEvent, Clock>({
  OpenRound: ({ round }) => [{ type: "RoundOpened", round: { ...round, acceptedBy: [round.party], agreed: false } }],
  AcceptRound: onRecord(({ party }, { acceptedBy }) => {
    if (acceptedBy.includes(party)) return [];
    const agreed = parties.every((each) => each === party || acceptedBy.includes(each));
    return [{ type: "RoundAccepted", party, agreed }];
  }),
  ReassignRound: onRecord((to, state) => reassigned("Round", state, to)),
});
