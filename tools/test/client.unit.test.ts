import { registry } from "@keynode/contracts/descriptors";
import { expect, it } from "vitest";
import { clientFiles, staleFiles } from "../client/generate.ts";

it("the client is what the contract makes of it", async () => {
  const files = await clientFiles(registry());
  expect(files.size).toBeGreaterThan(30);
  expect(staleFiles(files)).toEqual([]);
});
