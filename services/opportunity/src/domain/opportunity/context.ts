import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import type { CalendarDate } from "@keynode/decider/calendar-date";
import type { Reference } from "@keynode/decider/reference";

/** All that a decision about a deal may know besides its arguments. */
export type OpportunityContext = {
  readonly now: Date;
  /** Who decides: the id of a user, an API key or a service. */
  readonly actor: string;
  /** Today in the tenant's time zone. */
  readonly today: CalendarDate;
  /** The pipeline that the deal passes or is to enter; undefined when the tenant has no such one. */
  readonly pipeline: Pipeline | undefined;
  /** What is known of the account that the command names. */
  readonly account: Reference;
};
