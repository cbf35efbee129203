import { expect, test } from "vitest";
import { accessLogger } from "../src/access-logger.ts";

const recorded = (level: "info" | "warn") => {
  const lines: unknown[] = [];
  const log = accessLogger({ name: "gateway", level, destination: { write: (line) => lines.push(JSON.parse(line)) } });
  return { log, lines };
};

test("a line has the shape of every other log line, and the fields as they were given", () => {
  const { log, lines } = recorded("info");
  log.info({ route: "/v1/leads/{id}", status: 200, reason: undefined }, "request");
  expect(lines).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      service: "gateway",
      route: "/v1/leads/{id}",
      status: 200,
      msg: "request",
    },
  ]);
});

test("nothing is written below the level asked for", () => {
  const { log, lines } = recorded("warn");
  log.info({ status: 200 }, "request");
  expect(lines).toEqual([]);
});
