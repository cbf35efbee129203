import { dateIn } from "@keynode/decider/calendar-date";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beganIn, closedIn, startOfDay } from "../../src/reports/period.ts";

const zones = ["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue"];

describe("the first instant of a day", () => {
  it("is of that day in its zone, and the instant before is not", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.date({ min: new Date("2000-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
        (zone, some) => {
          const day = dateIn(zone, some);
          const start = startOfDay(zone, day);
          expect(dateIn(zone, start)).toEqual(day);
          expect(dateIn(zone, new Date(start.getTime() - 1))).not.toEqual(day);
        },
      ),
    );
  });

  it("of a day past the month's end is that of the next month", () => {
    expect(startOfDay("UTC", { year: 2016, month: 12, day: 32 })).toEqual(new Date("2017-01-01T00:00:00Z"));
  });

  it("follows the clocks where they are moved", () => {
    expect(startOfDay("America/New_York", { year: 2017, month: 3, day: 12 })).toEqual(new Date("2017-03-12T05:00:00Z"));
    expect(startOfDay("America/New_York", { year: 2017, month: 3, day: 13 })).toEqual(new Date("2017-03-13T04:00:00Z"));
  });
});

describe("a period", () => {
  const [from, until] = [
    { year: 2017, month: 5, day: 1 },
    { year: 2017, month: 5, day: 31 },
  ];

  it("matches days by their names and instants from the first day's start to the last day's end", () => {
    expect(beganIn({ from, until }, "Asia/Shanghai")).toEqual([
      { beganOn: { $gte: "2017-05-01", $lte: "2017-05-31" } },
      { beganAt: { $gte: new Date("2017-04-30T16:00:00Z"), $lt: new Date("2017-05-31T16:00:00Z") } },
    ]);
    expect(closedIn({ until })).toEqual({ closedOn: { $lte: "2017-05-31" } });
  });

  it("without days matches everything, once", () => {
    expect(beganIn({}, "UTC")).toEqual([{}]);
    expect(closedIn({})).toEqual({});
  });
});
