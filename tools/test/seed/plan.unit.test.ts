import path from "node:path";
import { type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { registry } from "@keynode/contracts/descriptors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDataset } from "../../seed/dataset.ts";
import { emailOf, planLoad, type Step } from "../../seed/plan.ts";

const dataset = readDataset(path.resolve(import.meta.dirname, "../../../examples/crm-sales-opportunities"));
const plan = planLoad(dataset, "history");

/** Ids as the API makes them, known only after the record's own step. */
const resolver = () => {
  const ids = new Map<string, string>();
  return {
    idOf: (externalKey: string): string => {
      const id = ids.get(externalKey);
      if (id === undefined) throw new Error(`${externalKey} is not loaded yet`);
      return id;
    },
    loaded: ({ type, records }: Step) => {
      for (const { externalKey } of records) ids.set(externalKey, `${type}_${String(ids.size).padStart(26, "0")}`);
    },
  };
};

type OpportunityBody = {
  opportunity: { name: string; stageKey: string; accountId?: string; engageDate?: object };
  close?: { outcome: string; closeDate: object; value: { units: string } };
};

/** Every body, in the order of the load. */
const bodies = (steps: readonly Step[]): { step: Step; body: object }[] => {
  const { idOf, loaded } = resolver();
  return steps.flatMap((step) => {
    const made = step.records.map((record) => ({ step, body: record.body(idOf) }));
    loaded(step);
    return made;
  });
};

const requestOf: Readonly<Record<string, string>> = {
  teams: "crm.identity.v1.CreateTeamRequest",
  users: "crm.identity.v1.CreateUserRequest",
  products: "crm.contract.v1.CreateProductRequest",
  accounts: "crm.account.v1.CreateAccountRequest",
  opportunities: "crm.opportunity.v1.ImportOpportunityRequest",
};

const requestSchema = (collection: string): DescMessage => {
  const found = registry().getMessage(requestOf[collection] ?? "");
  if (found === undefined) throw new Error(`no request for ${collection}`);
  return found;
};

const opportunities = (steps: readonly Step[]): OpportunityBody[] =>
  bodies(steps).flatMap(({ step, body }) => (step.collection === "opportunities" ? [body as OpportunityBody] : []));

describe("the plan of the whole history", () => {
  it("loads teams, managers, agents, products, parents, subsidiaries, deals, and the last deal alone", () => {
    expect(plan.map(({ collection, records }) => [collection, records.length])).toEqual([
      ["teams", 3],
      ["users", 6],
      ["users", 35],
      ["products", 7],
      ["accounts", 7],
      ["accounts", 78],
      ["opportunities", 8799],
      ["opportunities", 1],
    ]);
  });

  it("refers to nothing that an earlier step has not loaded", () => {
    expect(() => bodies(plan)).not.toThrow();
  });

  it("gives every record a key of its own", () => {
    const keys = plan.flatMap(({ records }) => records.map(({ externalKey }) => externalKey));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("fits the contract: every field is known and every rule is kept", () => {
    const validator = createValidator({ registry: registry() });
    const problems = bodies(plan).flatMap(({ step, body }) => {
      const schema = requestSchema(step.collection);
      const result = validator.validate(schema, fromJson(schema, body as JsonValue, { registry: registry() }));
      return result.kind === "valid" ? [] : [`${step.collection}: ${JSON.stringify(body)} ${String(result.error)}`];
    });
    expect(problems).toEqual([]);
  });

  it("keeps outcome, business dates and value of closed deals, and leaves open deals open", () => {
    const deals = opportunities(plan);
    const won = deals.flatMap(({ close }) => (close?.outcome === "WON" ? [BigInt(close.value.units)] : []));
    expect(won).toHaveLength(4238);
    expect(won.reduce((sum, units) => sum + units)).toBe(10_005_534n);
    expect(deals.filter(({ close }) => close?.outcome === "LOST")).toHaveLength(2473);
    const open = deals.filter(({ close }) => close === undefined);
    expect(open.filter(({ opportunity }) => opportunity.stageKey === "engaging")).toHaveLength(1589);
    expect(open.filter(({ opportunity }) => opportunity.stageKey === "prospecting")).toHaveLength(500);
    expect(deals.filter(({ opportunity }) => opportunity.accountId === undefined)).toHaveLength(1425);
  });

  it("says a business date as a date, without a time that nobody knows", () => {
    const [first] = opportunities(plan);
    expect(first).toMatchObject({
      opportunity: { name: "GTX Plus Basic – Cancity", engageDate: { year: 2016, month: 10, day: 20 } },
      close: {
        outcome: "WON",
        closeDate: { year: 2017, month: 3, day: 1 },
        value: { currencyCode: "USD", units: "1054" },
      },
    });
  });
});

describe("a sample", () => {
  it("of any size has that many deals, in their order, and everything they refer to", () => {
    const places = new Map(dataset.deals.map(({ key }, index) => [`history:opportunity:${key}`, index]));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), (size) => {
        const deals = planLoad(dataset, "history", size)
          .filter(({ collection }) => collection === "opportunities")
          .flatMap(({ records }) => records.map(({ externalKey }) => externalKey));
        const found = deals.map((key) => places.get(key) ?? -1);
        expect(deals).toHaveLength(Math.min(size, places.size));
        expect(found.every((place, index) => place > (found[index - 1] ?? -1))).toBe(true);
      }),
      { numRuns: 20 },
    );
    expect(() => bodies(planLoad(dataset, "history", 100))).not.toThrow();
  });

  it("has deals of every stage", () => {
    const deals = opportunities(planLoad(dataset, "history", 100));
    const kinds = new Set(deals.map(({ close, opportunity }) => close?.outcome ?? opportunity.stageKey));
    expect([...kinds].sort()).toEqual(["LOST", "WON", "engaging", "prospecting"]);
  });
});

describe("e-mail addresses", () => {
  it.each([
    ["Moses Frase", "moses.frase@demo.keynode.example"],
    ["Mei-Mei Johns", "mei-mei.johns@demo.keynode.example"],
    ["José  O'Neill", "jose.oneill@demo.keynode.example"],
  ])("%s → %s", (name, email) => {
    expect(emailOf(name)).toBe(email);
  });

  it("are each one user's", () => {
    const names = [...new Set(dataset.agents.flatMap(({ name, manager }) => [name, manager]))];
    expect(new Set(names.map(emailOf)).size).toBe(names.length);
  });
});
