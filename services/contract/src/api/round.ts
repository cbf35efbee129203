import { get, list, type Shape } from "@keynode/api/read";
import { Round } from "@keynode/contracts/crm/contract/v1/round";
import type { RoundServiceService } from "@keynode/contracts/crm/contract/v1/round_service";
import type { Handlers } from "@keynode/grpc/implement";
import type { RoundStore } from "../round.ts";
import { roundListing } from "./list.ts";

const shape: Shape<Round> = { typeName: "crm.contract.v1.Round", fromPartial: Round.fromPartial };

/** One entry per rpc of RoundService. */
export const roundApi = (rounds: RoundStore): Handlers<typeof RoundServiceService> => ({
  getRound: get(rounds, shape),
  listRounds: list(rounds, shape, roundListing, "rounds"),
});
