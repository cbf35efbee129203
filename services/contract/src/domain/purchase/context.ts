import type { CalendarDate } from "@keynode/decider/calendar-date";
import type { References } from "../references.ts";

/** All that a decision about a purchase may know besides its arguments. */
export type PurchaseContext = References & {
  readonly now: Date;
  /** Today in the tenant's time zone. */
  readonly today: CalendarDate;
};
