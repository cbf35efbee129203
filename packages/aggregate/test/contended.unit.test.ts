import { MongoServerError } from "mongodb";
import { expect, test, vi } from "vitest";
import { contended } from "../src/contended.ts";

const deadlock = (): MongoServerError => new MongoServerError({ message: "deadlock detected" });

test("a write that another stood in the way of is done again", async () => {
  const write = vi.fn().mockRejectedValueOnce(deadlock()).mockRejectedValueOnce(deadlock()).mockResolvedValue(3);
  expect(await contended(write)).toBe(3);
  expect(write).toHaveBeenCalledTimes(3);
});

test("a write that always meets another is given up", async () => {
  const write = vi.fn().mockRejectedValue(deadlock());
  await expect(contended(write)).rejects.toThrow("deadlock detected");
  expect(write).toHaveBeenCalledTimes(6);
});

test("any other fault is the caller's", async () => {
  const write = vi.fn().mockRejectedValue(new Error("no"));
  await expect(contended(write)).rejects.toThrow("no");
  expect(write).toHaveBeenCalledOnce();
});
