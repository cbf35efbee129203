import { newId } from "@keynode/aggregate/type-id";
import {
  AuditEntryServiceService,
  VerifyAuditEntriesRequest,
} from "@keynode/contracts/crm/identity/v1/audit_entry_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserCreated } from "@keynode/contracts/crm/identity/v1/user_events";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { JournalRow } from "@keynode/messaging/entry";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { Binary } from "mongodb";
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ChainDocument } from "../../src/audit/chain.ts";
import type { StoredEntry } from "../../src/audit/entry.ts";
import { entryDigest } from "../../src/audit/entry.ts";
import { forgetPerson } from "../../src/audit/forget.ts";
import { identityService } from "../../src/service.ts";
import { required, stranger } from "../start.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startForTest(identityService, { ...required, AUDIT_SEAL_MS: "20" });
});

const waiting = { timeout: 25_000, interval: 50 };
const entries = () => under.db.collection<StoredEntry>("auditEntries");
const journal = () => under.db.collection<JournalRow>("journal");
const chains = () => under.db.collection<ChainDocument>("auditChains");

/** A tenant with five users, all of whose entries are sealed. */
const sealedTenant = async () => {
  const admin = stranger();
  const users = under.client(UserServiceService, admin);
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    const user = User.fromPartial({ name: `王${count}`, email: `wang${count}@example.com` });
    made.push((await users.createUser({ user })).id);
  }
  const { tenant } = admin;
  await vi.waitFor(async () => {
    expect(await entries().countDocuments({ tenant, sequence: { $exists: true } })).toBe(5);
    expect(await chains().countDocuments({ tenant, sequence: 5, pending: { $exists: false } })).toBe(1);
  }, waiting);
  const trail = under.client(AuditEntryServiceService, admin);
  const verify = async () => {
    const request = VerifyAuditEntriesRequest.fromPartial({ service: "identity" });
    return await Array.fromAsync(trail.verifyAuditEntries(request));
  };
  const inOrder = await entries().find({ tenant }).sort({ sequence: 1 }).toArray();
  const third = inOrder[2];
  if (third === undefined) throw new Error("no third entry");
  return { tenant, made, verify, inOrder, third };
};

const broken = (fault: string, more: object = {}) => [expect.objectContaining({ state: "BROKEN", fault, ...more })];

// Each seals a trail of its own, and waits for that more than it works.
describe.concurrent("the verifier finds", () => {
  it("nothing in a trail that is as it was sealed", async () => {
    const { verify } = await sealedTenant();
    expect(await verify()).toMatchObject([
      { service: "identity", state: "INTACT", fault: "FAULT_UNSPECIFIED", open: true, signatureChecked: true },
    ]);
  });

  it.each<[string, Partial<StoredEntry>]>([
    ["who did it", { actor: "user_other" }],
    ["when", { at: new Date(0) }],
    ["which fields", { fields: [] }],
    ["which record", { recordIds: ["user_other"] }],
    ["that it was refused", { refusal: "PERMISSION_DENIED" }],
  ])("one entry that tells otherwise %s", async (_what, change) => {
    const { tenant, verify, third } = await sealedTenant();
    await entries().updateOne({ _id: third._id, tenant }, { $set: change });
    expect(await verify()).toEqual(broken("ENTRY_ALTERED", { entryId: third._id, sequence: 3n }));
  });

  it("one entry that was altered together with its digest", async () => {
    const { tenant, verify, third } = await sealedTenant();
    const altered = { ...third, actor: "user_other" };
    await entries().updateOne({ _id: third._id, tenant }, { $set: { ...altered, digest: entryDigest(altered) } });
    expect(await verify()).toEqual(broken("ENTRY_REPLACED", { entryId: third._id, sequence: 3n }));
  });

  it("one entry that was removed, in the middle and at the end", async () => {
    const { tenant, verify, inOrder, third } = await sealedTenant();
    await entries().deleteOne({ _id: inOrder[4]?._id ?? "", tenant });
    expect(await verify()).toEqual(expect.arrayContaining(broken("ENTRY_MISSING", { sequence: 5n })));
    await entries().deleteOne({ _id: third._id, tenant });
    expect(await verify()).toEqual(expect.arrayContaining(broken("ENTRY_MISSING", { sequence: 3n })));
  });

  it("two entries that changed places", async () => {
    const { tenant, verify, inOrder } = await sealedTenant();
    const [, second, third] = inOrder;
    if (!second || !third) throw new Error("entries are missing");
    await entries().updateOne({ _id: second._id, tenant }, { $set: { sequence: 999 } });
    await entries().updateOne({ _id: third._id, tenant }, { $set: { sequence: 2 } });
    await entries().updateOne({ _id: second._id, tenant }, { $set: { sequence: 3 } });
    expect(await verify()).toEqual(broken("ENTRY_REPLACED", { entryId: third._id, sequence: 2n }));
  });

  it("an entry that nothing was recorded for, in no chain and behind the chain", async () => {
    const { tenant, verify, third } = await sealedTenant();
    const { sequence: _sequence, link: _link, ...loose } = third;
    const forged = { ...loose, _id: newId("access") };
    await entries().insertOne(forged);
    expect(await verify()).toEqual(expect.arrayContaining(broken("ENTRY_INSERTED", { entryId: forged._id })));
    await entries().updateOne({ _id: forged._id, tenant }, { $set: { sequence: 6 } });
    expect(await verify()).toEqual(
      expect.arrayContaining(broken("ENTRY_INSERTED", { entryId: forged._id, sequence: 6n })),
    );
  });

  it("a forged change that was sealed as if it had been recorded", async () => {
    const { tenant, verify, third } = await sealedTenant();
    const { sequence: _sequence, link: _link, day: _day, ...loose } = third;
    const forged = { ...loose, _id: randomUUID(), actor: "user_other" };
    await entries().insertOne({ ...forged, digest: entryDigest(forged), open: true });
    await chains().updateOne({ tenant }, { $inc: { arrivals: 1 }, $set: { wakeAt: new Date() } });
    await vi.waitFor(async () => {
      expect(await entries().countDocuments({ tenant, sequence: 6 })).toBe(1);
      expect(await verify()).toEqual(broken("JOURNAL_ROW_MISSING", { entryId: forged._id, sequence: 6n }));
    }, waiting);
  });

  it.each<[string, (row: JournalRow) => Partial<JournalRow>]>([
    ["its actor", () => ({ actor: "user_other" })],
    ["its type", () => ({ type: "UserDeleted" })],
    ["its time", () => ({ at: new Date(0) })],
    ["from where it came", () => ({ origin: { requestId: "another" } })],
    [
      "a plain value in its event",
      ({ data }) => altered(data, (event) => ({ ...event, snapshot: { ...event.snapshot, active: false } })),
    ],
    [
      "a personal value in its event",
      ({ data }) => altered(data, (event) => ({ ...event, snapshot: { ...event.snapshot, name: "李四" } })),
    ],
  ])("one row of the journal with another %s", async (_what, change) => {
    const { tenant, verify, third } = await sealedTenant();
    const row = await journal().findOne({ _id: third._id, tenant });
    if (row === null) throw new Error("no row");
    await journal().updateOne({ _id: row._id, tenant }, { $set: change(row) });
    expect(await verify()).toEqual(broken("JOURNAL_ROW_ALTERED", { entryId: third._id, sequence: 3n }));
  });

  it("one row of the journal that was removed", async () => {
    const { tenant, verify, third } = await sealedTenant();
    await journal().deleteOne({ _id: third._id, tenant });
    expect(await verify()).toEqual(broken("JOURNAL_ROW_MISSING", { entryId: third._id, sequence: 3n }));
  });

  it("a chain that was cut off together with what says how long it was", async () => {
    const { tenant, verify, inOrder } = await sealedTenant();
    const chain = await chains().findOne({ tenant });
    const [, , third] = inOrder;
    if (!chain?.day || !third?.link) throw new Error("no chain");
    await entries().deleteMany({ tenant, sequence: { $gt: 3 } });
    const day = { ...chain.day, lastSequence: 3, lastDigest: third.digest, lastLink: third.link };
    await chains().updateOne({ tenant }, { $set: { sequence: 3, day } });
    expect(await verify()).toEqual(expect.arrayContaining(broken("SEAL_ALTERED")));
  });
});

const altered = (data: Binary, change: (event: UserCreated) => object): Pick<JournalRow, "data"> => ({
  data: new Binary(UserCreated.encode(change(UserCreated.decode(data.value())) as UserCreated).finish()),
});

describe("erasure", () => {
  it("of a person's values in the journal leaves the chain intact, and nothing to guess them by", async () => {
    const { tenant, verify, made, third } = await sealedTenant();
    const id = made[2] ?? "";
    const row = await journal().findOne({ _id: third._id, tenant });
    if (row === null || third.row?.content.salt === undefined) throw new Error("no row, or no salt");
    const erased = (user: User | undefined) => user && { ...user, name: "", email: "" };
    await journal().updateOne(
      { _id: row._id, tenant },
      {
        $set: altered(row.data, (event) => ({ ...event, user: erased(event.user), snapshot: erased(event.snapshot) })),
      },
    );
    expect(await verify()).toEqual(broken("JOURNAL_ROW_ALTERED"));
    expect(await forgetPerson({ collection: entries() }, tenant, [id])).toBe(1);
    expect(await verify()).toMatchObject([{ state: "INTACT" }]);
    expect((await entries().findOne({ _id: third._id, tenant }))?.row?.content).toEqual({
      hash: third.row.content.hash,
    });
    expect(await forgetPerson({ collection: entries() }, tenant, [id])).toBe(0);
  });
});
