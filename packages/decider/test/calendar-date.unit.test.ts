import { type CalendarDate, compareDates, dateIn, isoDate } from "@keynode/decider/calendar-date";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const date = (year: number, month: number, day: number): CalendarDate => ({ year, month, day });
const anyDate = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((instant) => date(instant.getUTCFullYear(), instant.getUTCMonth() + 1, instant.getUTCDate()));

describe("a day", () => {
  it("depends on where one asks", () => {
    const instant = new Date("2026-02-28T16:30:00Z");
    expect(dateIn("UTC", instant)).toEqual(date(2026, 2, 28));
    expect(dateIn("Asia/Shanghai", instant)).toEqual(date(2026, 3, 1));
    expect(dateIn("America/New_York", new Date("2026-01-01T04:59:59Z"))).toEqual(date(2025, 12, 31));
  });
  it("is ordered as its ISO form is", () => {
    fc.assert(
      fc.property(anyDate, anyDate, (a, b) => {
        const byText = isoDate(a) < isoDate(b) ? -1 : isoDate(a) > isoDate(b) ? 1 : 0;
        expect(Math.sign(compareDates(a, b))).toBe(byText);
      }),
    );
  });
});
