import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { chainId, extended, genesis } from "../../src/audit/chain.ts";
import { linkOf } from "../../src/audit/digest.ts";
import { verifyChain } from "../../src/audit/verify.ts";
import { entryOf, openTrail } from "./support.ts";

let trail: Awaited<ReturnType<typeof openTrail>>;
beforeAll(async () => {
  trail = await openTrail();
});

const { signal } = new AbortController();
const add = async (tenant: string, ...days: readonly string[]) => {
  const added = days.map((day) => entryOf(tenant, new Date(day)));
  await trail.entries.add(added);
  return added;
};
const verdicts = (tenant: string, from = "2020-01-01", until = "2045-12-31") => {
  const sources = { places: async () => ({ frontier: nowhere, settled: nowhere }) };
  const peers = { journal: async function* () {} };
  const span = { tenant, service: "lead", from: new Date(from), until: new Date(until) };
  return Array.fromAsync(verifyChain({ ...trail, sources, peers }, span, signal));
};
const nowhere = { recordedAt: new Date(0), id: "" };
const states = async (tenant: string, from?: string, until?: string) =>
  (await verdicts(tenant, from, until)).map(({ day, state, fault, open }) =>
    [day, state, ...(fault === "FAULT_UNSPECIFIED" ? [] : [fault]), ...(open ? ["open"] : [])].join(" "),
  );
const chainOf = async (tenant: string) => {
  const chain = await trail.entries.chains.findOne({ _id: chainId(tenant, "lead"), tenant });
  if (chain === null) throw new Error("no chain");
  return chain;
};

it("entries are chained in the order of their recording, each link over the one before", async () => {
  const tenant = randomUUID();
  await add(tenant, "2026-03-01T11:00:03Z", "2026-03-01T11:00:01Z", "2026-03-01T11:00:02Z");
  await trail.seal(tenant);
  const sealed = await trail.sealed(tenant);
  expect(sealed.map(({ recordedAt }) => recordedAt.getUTCSeconds())).toEqual([1, 2, 3]);
  let link = genesis(tenant, "lead");
  for (const entry of sealed) {
    link = linkOf(link, entry.digest);
    expect(entry).toMatchObject({ link, day: "2026-03-01" });
    expect(entry).not.toHaveProperty("open");
  }
  expect(await states(tenant)).toEqual(["2026-03-01 INTACT open"]);
});

it("an entry that comes late goes behind those that are sealed, and moves none of them", async () => {
  const tenant = randomUUID();
  await add(tenant, "2026-03-01T11:00:01Z", "2026-03-01T11:00:03Z");
  await trail.seal(tenant);
  const before = await trail.sealed(tenant);
  const [late] = await add(tenant, "2026-03-01T11:00:02Z");
  await trail.seal(tenant);
  const after = await trail.sealed(tenant);
  expect(after.slice(0, 2)).toEqual(before);
  expect(after[2]?._id).toBe(late?._id);
  expect(await states(tenant)).toEqual(["2026-03-01 INTACT open"]);
});

it("replicas that seal at the same time make one chain of all entries", async () => {
  const tenant = randomUUID();
  const seconds = Array.from({ length: 60 }, (_, second) => `2026-03-01T11:00:${String(second).padStart(2, "0")}Z`);
  const writing = (async () => {
    for (const second of seconds) await add(tenant, second, second);
  })();
  // One of two that meet gives way, and its timer fires again.
  const seal = () => trail.seal(tenant).catch(() => undefined);
  for (let round = 0; round < 10; round += 1) await Promise.all([seal(), seal(), seal()]);
  await writing;
  await trail.seal(tenant);
  const sealed = await trail.sealed(tenant);
  expect(sealed.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
  expect(await states(tenant)).toEqual(["2026-03-01 INTACT open"]);
});

it("a sealer that was stopped after it noted what it would do is gone on from as if it had not been", async () => {
  const tenant = randomUUID();
  await add(tenant, "2026-03-01T11:00:01Z", "2026-03-01T11:00:02Z");
  await trail.seal(tenant);
  const [first, second] = await add(tenant, "2026-03-01T11:00:03Z", "2026-03-01T11:00:04Z");
  const chain = await chainOf(tenant);
  const pending = extended(
    chain,
    "2026-03-01",
    [first, second].flatMap((entry) => entry ?? []),
  );
  if (!pending?.entries[0]) throw new Error("nothing pending");
  const { id, ...sealed } = pending.entries[0];
  await trail.entries.chains.updateOne({ _id: chain._id, tenant }, { $set: { pending } });
  await trail.entries.collection.updateOne({ _id: id, tenant }, { $set: sealed, $unset: { open: "" } });
  await add(tenant, "2026-03-01T11:00:02.500Z");
  await trail.seal(tenant);
  expect((await trail.sealed(tenant)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(await states(tenant)).toEqual(["2026-03-01 INTACT open"]);
});

it("a day is closed when it is over, and the next goes on from its root; a seal that is gone is missed", async () => {
  const tenant = randomUUID();
  await add(tenant, "2026-03-01T11:00:01Z");
  await trail.seal(tenant);
  trail.clock.at = new Date("2026-03-02T00:10:00Z");
  await add(tenant, "2026-03-01T23:59:59Z");
  await trail.seal(tenant);
  trail.clock.at = new Date("2026-03-04T00:10:00Z");
  await add(tenant, "2026-03-04T00:00:01Z");
  await trail.seal(tenant);
  expect(await states(tenant)).toEqual(["2026-03-01 INTACT", "2026-03-02 INTACT", "2026-03-04 INTACT open"]);
  expect(await states(tenant, "2026-03-02", "2026-03-02")).toEqual(["2026-03-02 INTACT"]);
  await trail.seals.deleteOne({ tenant, day: "2026-03-02" });
  expect(await states(tenant)).toEqual(["2026-03-01 INTACT", "2026-03-04 BROKEN SEAL_MISSING open"]);
});

it("a seal that was made anew by another than this service is found by its signature", async () => {
  const tenant = randomUUID();
  await add(tenant, "2026-03-04T11:00:01Z");
  await trail.seal(tenant);
  const value = Buffer.alloc(64, 7).toString("base64url");
  await trail.entries.chains.updateOne({ tenant }, { $set: { "day.signature.value": value } });
  expect(await states(tenant)).toEqual(["2026-03-04 BROKEN SEAL_ALTERED open"]);
});

it("days that are kept no longer lose their entries and leave their seals, from which later days still follow", async () => {
  const tenant = randomUUID();
  await add(tenant, "2026-03-04T11:00:01Z", "2026-03-04T11:00:02Z");
  await trail.seal(tenant);
  trail.clock.at = new Date("2028-01-01T00:00:00Z");
  await add(tenant, "2028-01-01T00:00:00Z");
  trail.retention.years = 2;
  await trail.seal(tenant);
  expect(await states(tenant)).toEqual(["2026-03-04 INTACT", "2028-01-01 INTACT open"]);
  trail.retention.years = 1;
  await trail.seal(tenant);
  expect(await states(tenant)).toEqual(["2026-03-04 PURGED", "2028-01-01 INTACT open"]);
  expect((await trail.of(tenant)).map(({ sequence }) => sequence)).toEqual([3]);
  // Removing a younger day under the same name is no purge.
  const [seal] = await trail.seals.find({ tenant }).toArray();
  await trail.seals.updateOne({ _id: seal?._id ?? "" }, { $set: { purgedAt: new Date("2026-03-05T00:00:00Z") } });
  expect(await states(tenant)).toEqual(["2026-03-04 BROKEN SEAL_ALTERED", "2028-01-01 INTACT open"]);
});
