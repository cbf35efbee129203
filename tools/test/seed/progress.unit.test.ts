import { expect, it } from "vitest";
import { progressLine, showProgress } from "../../seed/progress.ts";

const written = (isTTY: boolean, ...progress: Parameters<ReturnType<typeof showProgress>>[0][]): string => {
  let text = "";
  const write = (part: string | Uint8Array) => {
    text += String(part);
    return true;
  };
  const show = showProgress({ write, isTTY });
  for (const each of progress) show(each);
  return text;
};

it("the bar is as full as the load", () => {
  expect(progressLine({ collection: "teams", done: 0, total: 0 })).toBe(`loading teams [${"#".repeat(30)}] 0 / 0`);
  expect(progressLine({ collection: "users", done: 1500, total: 3000 })).toBe(
    `loading users [${"#".repeat(15)}${" ".repeat(15)}] 1,500 / 3,000`,
  );
});

it("a terminal has one line, redrawn, and a new one at the end", () => {
  const text = written(true, { collection: "users", done: 1, total: 2 }, { collection: "users", done: 2, total: 2 });
  expect(text.match(/\n/g)).toHaveLength(1);
  expect(text.endsWith("2 / 2\n")).toBe(true);
});

it("elsewhere there is a line for each quarter, not for each batch", () => {
  const steps = Array.from({ length: 100 }, (_, index) => ({ collection: "accounts", done: index + 1, total: 100 }));
  expect(written(false, ...steps).split("\n")).toEqual([
    "loading accounts: 1 of 100",
    "loading accounts: 25 of 100",
    "loading accounts: 50 of 100",
    "loading accounts: 75 of 100",
    "loading accounts: 100 of 100",
    "",
  ]);
});
