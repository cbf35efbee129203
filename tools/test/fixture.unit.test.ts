import { statSync } from "node:fs";
import path from "node:path";
import type { DescMessage } from "@bufbuild/protobuf";
import { registry } from "@keynode/contracts/descriptors";
import type { JournalRow } from "@keynode/messaging/entry";
import type { MessageCodec } from "@keynode/messaging/recorded";
import { describe, expect, it } from "vitest";
import { fixtureFile, fixtureServices, readRows } from "../fixture/rows.ts";

const fixture = path.resolve(import.meta.dirname, "../../test/fixtures/v0.1.0");
const services = fixtureServices(fixture);

type Event = { readonly snapshot?: { readonly id: string } | undefined };

const eventCodec = async ({ file, name }: DescMessage): Promise<MessageCodec<Event>> => {
  const module: Record<string, MessageCodec<Event>> = await import(`@keynode/contracts/${file.name}`);
  const codec = module[name];
  if (codec === undefined) throw new Error(`no codec of ${name} in ${file.name}`);
  return codec;
};

const journalOf = (service: string): JournalRow[] =>
  readRows(fixture, service)
    .filter(({ collection }) => collection === "journal")
    .map(({ document }) => document as JournalRow);

describe("what release 0.1.0 left behind", () => {
  it("is of every service, and small", () => {
    expect(services).toEqual([
      "account",
      "analytics",
      "contract",
      "engagement",
      "identity",
      "integration",
      "lead",
      "opportunity",
      "service",
    ]);
    const sizes = services.map((service) => statSync(fixtureFile(fixture, service)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(2 ** 20);
  });

  it.each(services)("%s: every event decodes with today's contract, and loses nothing", async (service) => {
    for (const { _id, type, index, count, aggregate, data } of journalOf(service)) {
      const described = registry().getMessage(`crm.${service}.v1.${type}`);
      if (described === undefined) throw new Error(`${service} recorded ${type}, which the contract does not know`);
      const codec = await eventCodec(described);
      const event = codec.decode(data.buffer);
      expect([_id, Buffer.from(codec.encode(event).finish()).equals(data.buffer)]).toEqual([_id, true]);
      if (index === count - 1 && event.snapshot) expect([_id, event.snapshot.id]).toEqual([_id, aggregate]);
    }
  });

  it("holds the main job and a hundred deals, and nobody's secret", () => {
    const types = services.flatMap((service) => journalOf(service).map(({ type }) => type));
    expect(types.filter((type) => type === "OpportunityImported")).toHaveLength(100);
    expect(types).toEqual(
      expect.arrayContaining(["LeadConverted", "OpportunityWon", "ContractSigned", "CaseOpened", "SavedViewCreated"]),
    );
    const text = services.flatMap((service) => readRows(fixture, service)).map((row) => JSON.stringify(row, bigints));
    expect(text.filter((row) => /argon2|passwordHash|Digest"|kn_[\w-]{20}/.test(row))).toEqual([]);
  });
});

const bigints = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
