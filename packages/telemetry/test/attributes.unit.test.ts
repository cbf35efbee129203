import * as conventions from "@opentelemetry/semantic-conventions";
import { expect, test } from "vitest";
import { attribute, metric } from "../src/attributes.ts";

const released = new Set<unknown>(Object.values(conventions));

test("a name outside crm. and messaging. is a stable semantic convention", () => {
  const names = [...Object.values(attribute), ...Object.values(metric)];
  expect(names.filter((name) => !/^(crm|messaging)\./.test(name) && !released.has(name))).toEqual([]);
});

test("no name is declared twice", () => {
  const names = Object.values(attribute);
  expect(new Set(names).size).toBe(names.length);
});
