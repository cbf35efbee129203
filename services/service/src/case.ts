import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/service/v1/case_events";
import { listIndexes } from "@keynode/query/listing";
import { caseListing } from "./api/list.ts";
import type { CaseCommand } from "./domain/case/command.ts";
import type { CaseContext } from "./domain/case/context.ts";
import { decide } from "./domain/case/decide.ts";
import type { CaseEvent } from "./domain/case/events.ts";
import { evolve } from "./domain/case/evolve.ts";
import type { CaseState } from "./domain/case/state.ts";

export type CaseStore = Store<CaseState, CaseCommand, CaseEvent, CaseContext>;

export const caseAggregate = defineAggregate<CaseState, CaseCommand, CaseEvent, CaseContext>({
  name: "case",
  collection: "cases",
  decider: { decide, evolve },
  events: codecs,
  onDeleted: ["DeleteCase", "UndeleteCase", "CheckCover"],
  indexes: listIndexes(caseListing),
});
