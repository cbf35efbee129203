/** A day in the words of the business, without a time or a zone, as google.type.Date has it. */
export type CalendarDate = { readonly year: number; readonly month: number; readonly day: number };

/** The day that it is at an instant in an IANA time zone. Throws a RangeError for a zone that is none. */
export const dateIn = (timeZone: string, instant: Date): CalendarDate => {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return { year: parts.get("year") ?? 0, month: parts.get("month") ?? 0, day: parts.get("day") ?? 0 };
};

/** Negative, zero or positive as in `Array.sort`: earlier days first. */
export const compareDates = (a: CalendarDate, b: CalendarDate): number =>
  a.year - b.year || a.month - b.month || a.day - b.day;

/** `2017-03-01`: how listings store a day. */
export const isoDate = ({ year, month, day }: CalendarDate): string =>
  `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

/** Formats cost more to make than to use, and there are as many as time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      numberingSystem: "latn",
      year: "numeric",
      month: "numeric",
      day: "numeric",
    });
  formats.set(timeZone, format);
  return format;
};
