import { expect, it } from "vitest";
import { lineOf } from "../audit-verify.ts";

const day = {
  service: "lead",
  day: "2026-11-23",
  fault: "",
  entryId: "",
  sequence: "",
  entryCount: "12",
  open: false,
  root: "abc",
  signatureChecked: true,
} as const;

it("a day that is intact is told with its root, and with whoever signed it when that is not known here", () => {
  expect(lineOf({ ...day, state: "INTACT" })).toBe("INTACT  2026-11-23  lead          12 entries, root abc");
  expect(lineOf({ ...day, state: "PURGED", open: true, signatureChecked: false })).toBe(
    "PURGED  2026-11-23  lead          12 entries, not over yet, root abc, signed by a key that is not known here",
  );
});
it("a day that is broken is told with what is wrong, where", () => {
  const broken = { ...day, state: "BROKEN", fault: "JOURNAL_ROW_ALTERED", entryId: "e1", sequence: "7" } as const;
  expect(lineOf(broken)).toBe("BROKEN  2026-11-23  lead          12 entries, JOURNAL_ROW_ALTERED e1 at place 7");
});
