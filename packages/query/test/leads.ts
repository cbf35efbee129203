import { defineListing, type ListingSpec } from "../src/listing.ts";

export const statuses = ["STATUS_UNSPECIFIED", "NEW", "WORKING", "QUALIFIED", "LOST"] as const;

/** A record as services store them, with a field of every kind. */
export type LeadDocument = {
  _id: string;
  tenant: string;
  outbox: object[];
  state: {
    ownerId: string;
    teamId: string;
    status: string;
    name: string;
    nameKey: string;
    email: string;
    createTime: Date;
    deleteTime?: Date;
    convertTime?: Date;
    capturedOn: string;
    visits: number;
    amount: bigint;
    score: number;
    vip: boolean;
    tags: string[];
    source: { channel: string };
  };
};

/** A listing with an index for each kind of page. */
export const leadsSpec: ListingSpec = {
  fields: {
    status: { path: "state.status", type: "enum", values: statuses },
    ownerId: { path: "state.ownerId", type: "string" },
    name: { path: "state.name", type: "string", sortPath: "state.nameKey" },
    nameKey: { path: "state.nameKey", type: "string", prefixable: true },
    email: { path: "state.email", type: "string" },
    createTime: { path: "state.createTime", type: "time" },
    convertTime: { path: "state.convertTime", type: "time", optional: true },
    capturedOn: { path: "state.capturedOn", type: "date", residual: true },
    visits: { path: "state.visits", type: "int32", residual: true },
    amount: { path: "state.amount", type: "int64", residual: true },
    score: { path: "state.score", type: "double" },
    vip: { path: "state.vip", type: "bool", residual: true },
    tags: { path: "state.tags", type: "string", repeated: true },
    "source.channel": { path: "state.source.channel", type: "string" },
  },
  indexes: [
    ["status", "-createTime"],
    ["email", "-createTime"],
    ["tags", "-createTime"],
    ["source.channel", "status", "-createTime"],
    ["name"],
    ["ownerId", "name"],
    ["status", "name"],
    ["-convertTime"],
    ["-amount"],
  ],
  defaultOrder: "-createTime",
};

export const leads = defineListing(leadsSpec);

const noon = Date.UTC(2026, 0, 5, 12);

/** The `number`-th record of a tenant: every third second has three records, so that ties are common. */
export const lead = (number: number, changes: Partial<LeadDocument["state"]> = {}, tenant = "t1"): LeadDocument => ({
  // Ids in another order than the times.
  _id: `lead_${String((number * 7_919) % 1_000_003).padStart(7, "0")}_${number}`,
  tenant,
  outbox: [],
  state: {
    ownerId: `user_${number % 40}`,
    teamId: `team_${number % 7}`,
    status: statuses[1 + (number % 4)] ?? "NEW",
    name: `Lead ${number}`,
    nameKey: `${["acme", "wang", "zhang"][number % 3]} ${String((number * 31) % 1_000).padStart(4, "0")}`,
    email: `lead${number}@example.com`,
    createTime: new Date(noon + Math.floor(number / 3) * 1_000),
    ...(number % 20 === 0 && { deleteTime: new Date(noon) }),
    ...(number % 3 !== 0 && { convertTime: new Date(noon + ((number * 17) % 5_000) * 1_000) }),
    capturedOn: `2026-01-${String(1 + (number % 28)).padStart(2, "0")}`,
    visits: number % 10,
    amount: BigInt(number) * 1_000n,
    score: (number % 100) / 100,
    vip: number % 50 === 0,
    tags: [`a${number % 5}`, `b${number % 2}`],
    source: { channel: ["PHONE", "WEBSITE", "TRADE_SHOW"][number % 3] ?? "" },
    ...changes,
  },
});
