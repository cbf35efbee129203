import { type CalendarDate, compareDates, dateIn } from "@keynode/decider/calendar-date";

/** The days on which a contract entitles to service, the last one included. */
export type CoverTime = {
  readonly contractId: string;
  readonly fromDate: CalendarDate;
  readonly untilDate: CalendarDate;
};

/** C-057. The contract that covers the day of a request, the one that lasts longest if several do; undefined: none. */
export const coveringContract = (
  receiveTime: Date,
  { timeZone, covers }: { readonly timeZone: string; readonly covers: readonly CoverTime[] },
): string | undefined => {
  const day = dateIn(timeZone, receiveTime);
  return covers
    .filter(({ fromDate, untilDate }) => compareDates(fromDate, day) <= 0 && compareDates(day, untilDate) <= 0)
    .toSorted((a, b) => compareDates(b.untilDate, a.untilDate))[0]?.contractId;
};
