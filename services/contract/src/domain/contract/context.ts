import type { CalendarDate } from "@keynode/decider/calendar-date";
import type { References } from "../references.ts";

/** All that a decision about a contract may know besides its arguments. */
export type ContractContext = References & {
  readonly now: Date;
  /** Who decides: the id of a user or an API key. */
  readonly actor: string;
  /** Today in the tenant's time zone. */
  readonly today: CalendarDate;
  /** The number that a new contract takes. */
  readonly number: string;
  readonly isOpportunityLost: boolean;
};
