import { expect, test } from "vitest";
import { cpuMsOf, pssMibOf, rssMibOf } from "../src/processes.ts";

test("CPU time is found behind a name that looks like fields", () => {
  const stat = `4242 (node) R 1 (x)) S 1 4242 4242 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 11 0 1`;
  expect(cpuMsOf(stat)).toBe(3_000);
});

test("resident memory is read in MiB", () => {
  expect(rssMibOf("Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nRssFile:\t 51200 kB\n")).toBe(100);
});

test("memory of which shared pages count in part is read in MiB", () => {
  expect(
    pssMibOf("55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss: 123148 kB\nPss:   72704 kB\nPss_Dirty: 69924 kB\n"),
  ).toBe(71);
});
