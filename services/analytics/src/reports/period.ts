import { type CalendarDate, compareDates, dateIn, isoDate } from "@keynode/decider/calendar-date";
import type { Document } from "mongodb";

/** Days from the first to the last, both included; without one there is no limit on that side. */
export type Period = { readonly from?: CalendarDate | undefined; readonly until?: CalendarDate | undefined };

/**
 * What rows that began in the period match: several filters, of which no row matches two, because a row began on a day or
 * at an instant. One filter would be slower: no index serves an alternative of two fields.
 */
export const beganIn = ({ from, until }: Period, timeZone: string): readonly Document[] => {
  if (from === undefined && until === undefined) return [{}];
  const dayAfter = until && { ...until, day: until.day + 1 };
  return [
    { beganOn: days({ from, until }) },
    {
      beganAt: {
        ...(from && { $gte: startOfDay(timeZone, from) }),
        ...(dayAfter && { $lt: startOfDay(timeZone, dayAfter) }),
      },
    },
  ];
};

/** What rows that closed in the period match. */
export const closedIn = (period: Period): Document =>
  period.from === undefined && period.until === undefined ? {} : { closedOn: days(period) };

const days = ({ from, until }: Period): Document => ({
  ...(from && { $gte: isoDate(from) }),
  ...(until && { $lte: isoDate(until) }),
});

/** No zone is further than this from UTC. */
const zoneReachMs = 24 * 3_600_000;

/** The first instant of a day in an IANA time zone; a day past the month's end is one of the next month. */
export const startOfDay = (timeZone: string, { year, month, day }: CalendarDate): Date => {
  const midnightInUtc = new Date(0);
  midnightInUtc.setUTCFullYear(year, month - 1, day);
  const wanted = dateIn("UTC", midnightInUtc);
  let before = midnightInUtc.getTime() - zoneReachMs;
  let at = midnightInUtc.getTime() + zoneReachMs;
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (compareDates(dateIn(timeZone, new Date(middle)), wanted) < 0) before = middle;
    else at = middle;
  }
  return new Date(at);
};
