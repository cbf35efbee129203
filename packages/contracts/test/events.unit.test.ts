import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { registry } from "@keynode/contracts/descriptors";
import { eventTypes } from "@keynode/contracts/events";
import { sampleOf } from "@keynode/contracts/sample";
import { describe, expect, it } from "vitest";
import { contract } from "./contract.ts";
import { samplesFolder } from "./store-samples.ts";

const stored = readdirSync(samplesFolder)
  .filter((file) => file.endsWith(".binpb"))
  .map((file) => file.slice(0, -".binpb".length));
const types = eventTypes(registry());

it("every event is known by its type", () => {
  expect(types.map(({ type }) => type).sort()).toEqual(contract.events.map(({ typeName }) => typeName).sort());
});

describe("the stored samples", () => {
  it("are of every event: `npm run gen` stores a new one's", () => {
    expect(stored.sort()).toEqual(types.map(({ type }) => type).sort());
  });

  it.each(stored)("%s says today what it said when it was recorded", (type) => {
    const message = registry().getMessage(type);
    if (message === undefined) throw new Error(`${type} is gone from the contract`);
    const bytes = readFileSync(path.join(samplesFolder, `${type}.binpb`));
    const decoded = fromBinary(message, bytes);
    expect(toJson(message, decoded, { registry: registry() })).toEqual(
      JSON.parse(readFileSync(path.join(samplesFolder, `${type}.json`), "utf8")),
    );
    expect(Buffer.from(toBinary(message, decoded)).equals(bytes)).toBe(true);
  });
});

it("a sample has every field of its message, but for the further ones of a oneof", () => {
  const lacking = types.flatMap(({ message }) => {
    const json = toJson(message, sampleOf(message), { registry: registry() });
    const present = new Set(Object.keys(json as object));
    const expected = message.fields.filter(
      ({ oneof, ...field }) => oneof === undefined || oneof.fields[0]?.name === field.name,
    );
    return expected
      .filter(({ jsonName }) => !present.has(jsonName))
      .map((field) => `${message.typeName}.${field.name}`);
  });
  expect(lacking).toEqual([]);
});
