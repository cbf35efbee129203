import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import type { Round } from "@keynode/contracts/crm/contract/v1/round";
import * as codecs from "@keynode/contracts/crm/contract/v1/round_events";
import type { Clock } from "@keynode/decider/crud";
import { listIndexes } from "@keynode/query/listing";
import { roundListing } from "./api/list.ts";
import type { RoundCommand } from "./domain/round/command.ts";
import { decide } from "./domain/round/decide.ts";
import type { RoundEvent } from "./domain/round/events.ts";
import { evolve } from "./domain/round/evolve.ts";

export const roundAggregate = defineAggregate<Round, RoundCommand, RoundEvent, Clock>({
  name: "round",
  collection: "rounds",
  decider: { decide, evolve },
  events: codecs,
  indexes: listIndexes(roundListing),
});

export type RoundStore = Store<Round, RoundCommand, RoundEvent, Clock>;
