import { expect, test } from "vitest";
import { wakeQueue } from "../src/wake-queue.ts";

const never = new AbortController().signal;

test("a record that is woken again while it waits is taken once, and again when woken after that", () => {
  const queue = wakeQueue(10);
  for (let times = 0; times < 3; times++) expect(queue.add("leads", "a")).toBe(true);
  expect(queue.take(10)).toEqual(new Map([["leads", ["a"]]]));
  expect(queue.take(10)).toEqual(new Map());
  queue.add("leads", "a");
  expect(queue.size).toBe(1);
});

test("records are taken longest waiting first, by collection", () => {
  const queue = wakeQueue(10);
  for (const [collection, id] of [
    ["leads", "a"],
    ["pools", "p"],
    ["leads", "b"],
    ["leads", "c"],
  ] as const)
    queue.add(collection, id);
  expect(queue.take(3)).toEqual(
    new Map([
      ["leads", ["a", "b"]],
      ["pools", ["p"]],
    ]),
  );
  expect(queue.take(3)).toEqual(new Map([["leads", ["c"]]]));
});

test("a full queue refuses new records, not those that wait in it", () => {
  const queue = wakeQueue(1);
  expect(queue.add("leads", "a")).toBe(true);
  expect(queue.add("leads", "b")).toBe(false);
  expect(queue.add("leads", "a")).toBe(true);
});

test("filled resolves when something comes, at once if it is there, and when the signal fires", async () => {
  const queue = wakeQueue(10);
  const filled = queue.filled(never);
  queue.add("leads", "a");
  await filled;
  await queue.filled(never);
  queue.take(1);
  const stop = new AbortController();
  const stopped = queue.filled(stop.signal);
  stop.abort();
  await stopped;
});
