import { newId } from "@keynode/aggregate/type-id";
import { AccessServiceService } from "@keynode/contracts/crm/chassis/v1/access_service";
import { Share } from "@keynode/contracts/crm/chassis/v1/share";
import { ShareServiceService } from "@keynode/contracts/crm/chassis/v1/share_service";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountServiceService, ListAccountsRequest } from "@keynode/contracts/crm/account/v1/account_service";
import { Contact } from "@keynode/contracts/crm/account/v1/contact";
import { ContactServiceService } from "@keynode/contracts/crm/account/v1/contact_service";
import { KeyNode } from "@keynode/contracts/crm/account/v1/key_node";
import { KeyNodeServiceService } from "@keynode/contracts/crm/account/v1/key_node_service";
import { ListTimelineEntriesRequest, TimelineServiceService } from "@keynode/contracts/crm/account/v1/timeline_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { refusal } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { accountService } from "../src/service.ts";

let under: ServiceUnderTest;
let accounts: GrpcClient<typeof AccountServiceService>;

beforeAll(async () => {
  under = await startForTest(accountService);
  accounts = under.client(AccountServiceService);
});

const create = (partial: Partial<Account> = {}, client = accounts) =>
  client.createAccount({
    account: Account.fromPartial({
      kind: "COMPANY",
      name: "Acme",
      origin: { kind: "CAMPAIGN", detail: "Spring Fair" },
      ...partial,
    }),
  });
describe("a customer (C-020)", () => {
  it("is listed with the origin it was saved with", async () => {
    const { id } = await create({ kind: "PERSON", name: "Wang Fang", phone: "13800000000" });
    const { accounts: rows } = await accounts.listAccounts(
      ListAccountsRequest.fromPartial({ filter: 'origin.kind = "CAMPAIGN" AND origin.detail = "Spring Fair"' }),
    );
    expect(rows.find((row) => row.id === id)).toMatchObject({
      name: "Wang Fang",
      phone: "+8613800000000",
      origin: { kind: "CAMPAIGN", detail: "Spring Fair" },
    });
  });
  it("is refused naming every required field that is empty", async () => {
    expect(await refusal(create({ name: "", kind: "KIND_UNSPECIFIED" }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      fields: ["account.kind", "account.name"],
    });
  });
  it("is one per external key, deleted ones excepted", async () => {
    const externalKey = newId("key");
    const first = await create({ externalKey });
    expect(await refusal(create({ externalKey }))).toMatchObject({
      reason: "ACCOUNT_EXISTS",
      metadata: { accountId: first.id },
    });
    await accounts.deleteAccount({ id: first.id, etag: "" });
    await create({ externalKey });
    expect((await refusal(accounts.undeleteAccount({ id: first.id, etag: "" }))).reason).toBe("ACCOUNT_EXISTS");
  });
  it("sorts by the pinyin of its name, and is found by the name itself", async () => {
    const owner = { actor: newId("user"), teams: [], grants: { "accounts.*": "own" as const } };
    const client = under.client(AccountServiceService, owner);
    for (const name of ["张三商贸", "阿里山茶", "Beta 10", "Beta 9"]) {
      await client.createAccount({
        account: Account.fromPartial({ kind: "COMPANY", name, origin: { kind: "IMPORT" } }),
      });
    }
    const { accounts: rows } = await client.listAccounts(ListAccountsRequest.fromPartial({ orderBy: "name" }));
    expect(rows.map(({ name }) => name)).toEqual(["阿里山茶", "Beta 9", "Beta 10", "张三商贸"]);
    const named = await client.listAccounts(ListAccountsRequest.fromPartial({ filter: 'name = "张三商贸"' }));
    expect(named.accounts.map(({ name }) => name)).toEqual(["张三商贸"]);
  });
  it("cannot stand under itself", async () => {
    const parent = await create();
    const child = await create({ parentAccountId: parent.id });
    const patch = Account.fromPartial({ id: parent.id, parentAccountId: child.id });
    expect((await refusal(accounts.updateAccount({ account: patch, updateMask: ["parent_account_id"] }))).reason).toBe(
      "ACCOUNT_CYCLE",
    );
    expect((await refusal(create({ parentAccountId: newId("account") }))).reason).toBe("PARENT_NOT_FOUND");
  });
  it("cannot stand under itself by two moves at once, nor through an account that was deleted", async () => {
    const move = (account: Account, parentAccountId: string, mask = "parent_account_id") =>
      accounts.updateAccount({ account: { ...account, parentAccountId, etag: "" }, updateMask: [mask] });
    for (const mask of ["parent_account_id", "*", "parent_account_id", "*"]) {
      const [left, right] = await Promise.all([create(), create()]);
      const outcomes = await Promise.allSettled([move(left, right.id, mask), move(right, left.id, mask)]);
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    }
    const top = await create();
    const between = await create({ parentAccountId: top.id });
    const below = await create({ parentAccountId: between.id });
    await accounts.deleteAccount({ id: between.id, etag: "" });
    expect((await refusal(move(top, below.id))).reason).toBe("ACCOUNT_CYCLE");
  });
});

describe("a contact", () => {
  it("belongs to an account of the tenant", async () => {
    const contacts = under.client(ContactServiceService);
    const { id } = await create();
    const made = await contacts.createContact({ contact: Contact.fromPartial({ accountId: id, name: "王芳" }) });
    expect(made.accountId).toBe(id);
    const stray = contacts.createContact({ contact: Contact.fromPartial({ accountId: newId("account"), name: "W" }) });
    expect(await refusal(stray)).toMatchObject({ reason: "ACCOUNT_NOT_FOUND", fields: ["contact.account_id"] });
  });
});

describe("a contact's owner", () => {
  const contacts = (principal = {}) => under.client(ContactServiceService, principal);
  const made = (accountId: string, given: Partial<Contact> = {}) =>
    contacts().createContact({ contact: Contact.fromPartial({ accountId, name: "王芳", ...given }) });

  it("is the account's unless the request says otherwise, and goes with the account to its next owner", async () => {
    const [li, zhao, wang] = [await under.user(), await under.user(), await under.user()];
    const account = await create({ ownerId: li });
    const [followed, given] = [await made(account.id), await made(account.id, { ownerId: zhao })];
    const gone = await made(account.id);
    await contacts().deleteContact({ id: gone.id, etag: "" });
    expect([followed.ownerId, given.ownerId]).toEqual([li, zhao]);
    await under.client(AccountServiceService).reassignAccount({ id: account.id, etag: "", ownerId: wang, teamId: "" });
    const ownerOf = async (id: string) => (await contacts().getContact({ id })).ownerId;
    await expect.poll(() => ownerOf(followed.id), { timeout: 5_000 }).toBe(wang);
    await expect.poll(() => ownerOf(gone.id), { timeout: 5_000 }).toBe(wang);
    expect(await ownerOf(given.id)).toBe(zhao);
  });
  it("cannot be got at through an account that the caller does not see", async () => {
    const account = await create();
    const stranger = contacts({ actor: newId("user"), teams: [], grants: { "contacts.*": "own" } });
    const contact = Contact.fromPartial({ accountId: account.id, name: "W" });
    expect(await refusal(stranger.createContact({ contact }))).toMatchObject({ reason: "ACCOUNT_NOT_FOUND" });
  });
});

describe("what others are told of who may read which records", () => {
  const asking = () =>
    under.client(AccessServiceService, {
      tenant: "*",
      actor: "service:identity",
      grants: { "access.filter": "all" },
    });
  const readable = async (actor: string, grants: readonly { permission: string; scope: string }[], ids: string[]) =>
    (
      await asking().filterReadable({
        tenant: under.tenant,
        subject: { actor, teams: [], grants: [...grants] },
        recordIds: ids,
      })
    ).recordIds.toSorted();

  it("is what they may get: their own and what is shared with them, of each collection by its own right", async () => {
    const [li, zhao] = [await under.user(), await under.user()];
    const theirs = await create({ ownerId: li });
    const shared = await create({ ownerId: zhao });
    const hidden = await create({ ownerId: zhao });
    const contact = await under.client(ContactServiceService).createContact({
      contact: Contact.fromPartial({ accountId: theirs.id, name: "W" }),
    });
    await under.client(ShareServiceService).createShare({
      collection: "accounts",
      recordId: shared.id,
      share: Share.fromPartial({ granteeUserId: li, access: "READ" }),
    });
    const ids = [theirs.id, shared.id, hidden.id, contact.id, newId("account"), newId("lead")];
    const own = { permission: "accounts.read", scope: "own" };
    expect(await readable(li, [own], ids)).toEqual([theirs.id, shared.id].toSorted());
    expect(await readable(li, [own, { permission: "contacts.read", scope: "own" }], ids)).toEqual(
      [theirs.id, shared.id, contact.id].toSorted(),
    );
    expect(await readable(li, [{ permission: "accounts.read", scope: "all" }], ids)).toEqual(
      [theirs.id, shared.id, hidden.id].toSorted(),
    );
    expect(await readable(li, [], ids)).toEqual([]);
  });

  it("says nothing of another tenant's", async () => {
    const { id } = await create();
    const all = { permission: "accounts.read", scope: "all" };
    const subject = { actor: under.admin.actor, teams: [], grants: [all] };
    const { recordIds } = await asking().filterReadable({ tenant: newId("tenant"), subject, recordIds: [id] });
    expect(recordIds).toEqual([]);
  });
});

describe("an account's parent", () => {
  it("is one that its caller may read, as if others were not there", async () => {
    const hidden = await create({ ownerId: await under.user() });
    const seller = under.client(AccountServiceService, { actor: newId("user"), teams: [], grants: { "*": "own" } });
    const below = (parentAccountId: string) => refusal(create({ parentAccountId }, seller));
    const unknown = newId("account");
    expect(await below(hidden.id)).toMatchObject({ reason: "PARENT_NOT_FOUND", fields: ["account.parent_account_id"] });
    expect(await below(hidden.id)).toEqual({ ...(await below(unknown)), metadata: { parentAccountId: hidden.id } });
  });
});

describe("a key node by hand", () => {
  it("is its account's owner's to respond to", async () => {
    const owner = await under.user();
    const account = await create({ ownerId: owner });
    const nodes = under.client(KeyNodeServiceService);
    const node = await nodes.createKeyNode({
      keyNode: KeyNode.fromPartial({ accountId: account.id, nodeType: "DEMO" }),
    });
    expect(node).toMatchObject({ ownerId: owner, status: "OPEN" });
    expect(node.responseDueTime).toBeDefined();
  });
  it("is written into no ledger of an account that its maker does not see, as if there were none", async () => {
    const account = await create({ ownerId: await under.user() });
    const grants = { "keyNodes.create": "own" } as const;
    const seller = under.client(KeyNodeServiceService, { actor: newId("user"), teams: [], grants });
    const into = (accountId: string) =>
      refusal(seller.createKeyNode({ keyNode: KeyNode.fromPartial({ accountId, nodeType: "DEMO" }) }));
    const [refused, unknown] = [account.id, newId("account")];
    expect(await into(refused)).toMatchObject({ reason: "ACCOUNT_NOT_FOUND", fields: ["key_node.account_id"] });
    expect(await into(refused)).toEqual({ ...(await into(unknown)), metadata: { accountId: refused } });
  });
  it("becomes late by itself", async () => {
    const account = await create();
    const nodes = under.client(KeyNodeServiceService);
    const { id } = await nodes.createKeyNode({
      keyNode: KeyNode.fromPartial({
        accountId: account.id,
        nodeType: "DEMO",
        occurTime: new Date(0),
        responseDueTime: new Date(1000),
      }),
    });
    await expect.poll(async () => (await nodes.getKeyNode({ id })).status, { timeout: 10_000 }).toBe("LATE");
  });
});

describe("a read that names an earlier change", () => {
  const timelineOf = async (accountId: string, consistency: string) => {
    const timeline = under.client(TimelineServiceService);
    const request = ListTimelineEntriesRequest.fromPartial({ accountId });
    return (await timeline.listTimelineEntries(request, { consistency })).timelineEntries.map(
      ({ eventType }) => eventType,
    );
  };
  it("sees it, in a copy too", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      let token = "";
      const { id } = await accounts.createAccount(
        {
          account: Account.fromPartial({
            kind: "COMPANY",
            name: `Acme ${turn}`,
            origin: { kind: "CAMPAIGN", detail: "" },
          }),
        },
        { onConsistency: (given) => (token = given) },
      );
      expect(token).toBe(`account:${id}:1`);
      expect(await timelineOf(id, token)).toEqual(["AccountCreated"]);
    }
  });
  it("is refused when the change does not come", async () => {
    const { id } = await create();
    const call = under
      .client(AccountServiceService)
      .getAccount(
        { id, readMask: undefined },
        { consistency: `account:${id}:9`, deadline: new Date(Date.now() + 1_500) },
      );
    expect((await refusal(call)).reason).toBe("PROJECTION_LAGGING");
  });
  it("is refused when it names none", async () => {
    const { id } = await create();
    const call = accounts.getAccount({ id, readMask: undefined }, { consistency: "yesterday" });
    expect((await refusal(call)).reason).toBe("INVALID_CONSISTENCY_TOKEN");
  });
});
