import { readFileSync } from "node:fs";
import { newId } from "@keynode/aggregate/type-id";
import type { Recorded } from "@keynode/messaging/recorded";
import { closed, day, type Facts, usd } from "./facts.ts";

type Row = Readonly<Record<string, string>>;

/** The example's files have no quoted fields. */
const table = (name: string): Row[] => {
  const file = new URL(`../../../examples/crm-sales-opportunities/${name}.csv`, import.meta.url);
  const [header = "", ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const columns = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, index) => [columns[index] ?? "", value])));
};

const productName = (name = ""): string => (name === "GTXPro" ? "GTX Pro" : name);

/** A deal of the example, in its own words. */
export type ExampleDeal = {
  readonly agent: string;
  readonly region: string;
  readonly product: string;
  readonly sector: string;
  readonly stage: string;
  readonly engaged: string;
  readonly closed: string;
  readonly value: bigint;
};

/** The first deals of the real dataset as events of one tenant, and as they are in the files. */
export const exampleDeals = (facts: Facts, count: number): { events: Recorded[]; deals: ExampleDeal[] } => {
  const rows = table("sales_pipeline").slice(0, count);
  const regionOf = new Map(table("sales_teams").map((row) => [row["sales_agent"] ?? "", row["regional_office"] ?? ""]));
  const sectorOf = new Map(table("accounts").map((row) => [row["account"] ?? "", row["sector"] ?? ""]));
  const made = new Map<string, Recorded>();
  const idOf = (kind: string, name: string, make: () => Recorded): string => {
    const event = made.get(`${kind}/${name}`) ?? make();
    made.set(`${kind}/${name}`, event);
    return event.recordId;
  };

  const deals: ExampleDeal[] = [];
  const imported = rows.map((row) => {
    const [agent = "", account = "", stage = ""] = [row["sales_agent"], row["account"], row["deal_stage"]];
    const deal: ExampleDeal = {
      agent,
      stage,
      product: productName(row["product"]),
      sector: sectorOf.get(account) ?? "",
      region: regionOf.get(agent) ?? "",
      engaged: row["engage_date"] ?? "",
      closed: row["close_date"] ?? "",
      value: BigInt(row["close_value"] || "0"),
    };
    deals.push(deal);
    return facts.dealImported({
      id: newId("opportunity"),
      imported: true,
      externalKey: row["opportunity_id"] ?? "",
      createTime: new Date("2025-01-01T00:00:00Z"),
      stageKey: stage === "Prospecting" ? "prospecting" : "engaging",
      ownerId: idOf("user", agent, () => facts.userCreated({ name: agent })),
      teamId: idOf("team", deal.region, () => facts.teamCreated({ name: deal.region, region: deal.region })),
      productIds: [idOf("product", deal.product, () => facts.productCreated({ name: deal.product }))],
      ...(account !== "" && {
        accountId: idOf("account", account, () => facts.accountCreated({ name: account, sector: deal.sector })),
      }),
      ...(deal.engaged !== "" && { engageDate: day(deal.engaged) }),
      ...(stage === "Won" && closed("WON", deal.closed, usd(deal.value))),
      ...(stage === "Lost" && closed("LOST", deal.closed)),
    });
  });
  // Deals before what they name: the copies must cope.
  return { events: [facts.tenantCreated({}), ...imported, ...made.values()], deals };
};
