import { expect, test } from "vitest";
import { Contract } from "../src/crm/contract/v1/contract.ts";
import { messageCompleter, resourceCompleter } from "../src/defaults.ts";
import { registry, resourceRules } from "../src/descriptors.ts";

type MessageFns = { fromPartial(partial: object): object };

test("an empty document of whatever resources are made of gets what its generated code gives it from the start", async () => {
  const messages = [...registry()]
    .filter((it) => it.kind === "message")
    .filter(({ file }) => /^crm\/(?!options\/)(?!.*_(?:service|events)$)/.test(file.name));
  let compared = 0;
  for (const { typeName, file } of messages) {
    const module: Readonly<Record<string, unknown>> = await import(`@keynode/contracts/${file.name}`);
    const codec = module[typeName.slice(file.proto.package.length + 1).replaceAll(".", "_")];
    if (codec === undefined) continue;
    const stored = {};
    messageCompleter(typeName)(stored);
    expect({ typeName, ...stored }).toEqual({ typeName, ...(codec as MessageFns).fromPartial({}) });
    compared += 1;
  }
  expect(compared).toBeGreaterThan(50);
});

test("what a stored message has stays as it is", () => {
  const stored = { id: "lead_1", needs: ["price"], inquiryCount: 3, createTime: new Date(0), duplicateOf: "lead_0" };
  const before = structuredClone(stored);
  messageCompleter("crm.lead.v1.Lead")(stored);
  expect(stored).toMatchObject(before);
});

test("messages inside messages and inside lists are completed, and no message is made", () => {
  const stored = { clauses: [{ id: "1" }, {}], value: { units: 5n } };
  messageCompleter("crm.contract.v1.Contract")(stored);
  expect(stored).toMatchObject({
    clauses: [
      { id: "1", title: "" },
      { id: "", title: "" },
    ],
    value: { currencyCode: "", units: 5n, nanos: 0 },
  });
  expect(stored).not.toHaveProperty("cover");
  expect(() => Contract.encode(stored as never).finish()).not.toThrow();
});

test("every resource of the contract has a completer, and nothing else has", () => {
  const types = [...registry()].flatMap((it) => (it.kind === "message" ? (resourceRules(it)?.type ?? []) : []));
  expect(types.length).toBeGreaterThan(10);
  expect(types.filter((type) => resourceCompleter(type) === undefined)).toEqual([]);
  expect(resourceCompleter("nothing")).toBeUndefined();
});
