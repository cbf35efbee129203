import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { eventChart } from "../architecture/event-map.ts";
import { pages, renewed } from "../architecture/write-map.ts";

it.each(pages)("$file tells $title today", async (page) => {
  const text = readFileSync(page.file, "utf8");
  expect(await renewed(text, page)).toBe(text);
});

it("a chart has one arrow for each pair of services, and none from a service to itself", () => {
  const consumption = { consumer: "on-signed", kind: "reactor", types: ["ContractSigned"] } as const;
  const chart = eventChart([
    { ...consumption, service: "account", context: "contract" },
    { ...consumption, service: "account", context: "contract", types: ["PurchaseRecorded"] },
    { ...consumption, service: "contract", context: "contract" },
  ]);
  expect(chart.split("\n")).toEqual(["flowchart LR", '  contract -- "ContractSigned<br>PurchaseRecorded" --> account']);
});
