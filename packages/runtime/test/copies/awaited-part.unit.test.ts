import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import { type Vocabularies } from "@keynode/grpc/vocabularies";
import { openFields } from "../../src/fields/open-fields.ts";
import { openVocabularies } from "../../src/vocabularies/open-vocabularies.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A copy that what was just decided reaches after a while; by what is on the bus it is always at the present. */
const copyOf = (table: string, row: object, afterMs: number) => {
  const madeMs = Date.now();
  const rows = () => (Date.now() - madeMs >= afterMs ? [row] : []);
  return {
    tables: () => ({ [table]: { find: () => ({ toArray: async () => rows() }) } }),
    asOf: async () => new Date(),
  } as never;
};
const settled = async <Result>(call: Promise<Result>): Promise<Result> => {
  await vi.advanceTimersByTimeAsync(1_500);
  return await call;
};

describe("a vocabulary's value that was added a moment ago", () => {
  const row = { key: "leadSource", open: false, values: [{ key: "podcast", retired: false }] };
  const hasPodcast: Parameters<Vocabularies["having"]>[1] = (book) =>
    book.get("leadSource")?.retired.has("podcast") ?? false;
  const askedOf = (afterMs: number) =>
    openVocabularies(copyOf("vocabularies", row, afterMs), () => new Date()).having("acme", hasPodcast);

  it("is known though its event was not on the bus when it was asked for", async () => {
    expect((await settled(askedOf(200)))?.get("leadSource")?.retired.has("podcast")).toBe(true);
  });

  it("is none where nothing of it comes, which is known by then", async () => {
    expect((await settled(askedOf(60_000)))?.get("leadSource")?.retired.has("podcast")).toBe(false);
  });
});

describe("a custom field that was made a moment ago", () => {
  const definition = CustomField.fromPartial({ collection: "leads", key: "shoeSize", kind: "NUMBER" });
  const openAfter = (afterMs: number) =>
    openFields(
      copyOf("fields", { definition }, afterMs),
      () => ({ of: async () => new Map() }),
      () => new Date(),
    ).source;

  it("is known though its event was not on the bus when it was asked for", async () => {
    const set = await settled(openAfter(200).knowing("acme", "leads", ["shoeSize"]));
    expect([...set.fields.keys()]).toEqual(["shoeSize"]);
  });

  it("is waited for once, however many ask for it, and again later", async () => {
    const source = openAfter(10_000);
    const ask = () => source.knowing("acme", "leads", ["shoeSize"]);
    expect((await settled(ask())).fields.size).toBe(0);
    // No time passes: whatever waited would never end.
    expect((await Promise.all(Array.from({ length: 1_000 }, ask))).map(({ fields }) => fields.size)).not.toContain(1);
    await vi.advanceTimersByTimeAsync(8_000);
    expect((await settled(ask())).fields.size).toBe(1);
    const other = settled(source.knowing("acme", "leads", ["hatSize"]));
    expect((await other).fields.has("hatSize")).toBe(false);
  });
});
