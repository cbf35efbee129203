import { newId } from "@keynode/aggregate/type-id";
import { Share } from "@keynode/contracts/crm/chassis/v1/share";
import { ListSharesRequest, ShareServiceService } from "@keynode/contracts/crm/chassis/v1/share_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService, ListLeadsRequest } from "@keynode/contracts/crm/lead/v1/lead_service";
import { RpcError } from "@keynode/grpc/rpc-error";
import { refused } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startForTest(leadService);
});

/** Somebody whose rights reach only own records, the service knows of, and two clients of theirs. */
const person = async (teamIds: string[] = [], grants: Readonly<Record<string, "own" | "team" | "all">> = {}) => {
  const id = await under.user({ teamIds });
  const caller = { actor: id, teams: teamIds, grants: { "leads.*": "own", "shares.*": "own", ...grants } as const };
  return { id, leads: under.client(LeadServiceService, caller), shares: under.client(ShareServiceService, caller) };
};
type Person = Awaited<ReturnType<typeof person>>;

const capture = async ({ leads }: Person): Promise<string> =>
  (await leads.createLead({ lead: Lead.fromPartial({ name: "王芳", email: `${newId("mail")}@example.com` }) })).id;
const share = ({ shares }: Person, recordId: string, given: Partial<Share>, idempotencyKey?: string) =>
  shares.createShare(
    { collection: "leads", recordId, share: Share.fromPartial({ access: "READ", ...given }) },
    { ...(idempotencyKey !== undefined && { idempotencyKey }) },
  );
const take = ({ shares }: Person, recordId: string, id: string) =>
  shares.revokeShare({ collection: "leads", recordId, id, etag: "" });
const listed = async ({ leads }: Person, filter = ""): Promise<string[]> =>
  (await leads.listLeads(ListLeadsRequest.fromPartial({ filter }))).leads.map(({ id }) => id);
const sharesOf = async ({ shares }: Person, recordId: string, more: Partial<ListSharesRequest> = {}) =>
  (await shares.listShares(ListSharesRequest.fromPartial({ collection: "leads", recordId, ...more }))).shares;
const refusal = async (call: Promise<unknown>) => {
  const error = await refused(call);
  return { reason: error.details.reason, fields: error.details.violations.map(({ field }) => field) };
};
const seen = (by: Person, id: string): Promise<string | undefined> =>
  by.leads.getLead({ id }).then(
    () => "seen",
    (error: unknown) => (error instanceof RpcError ? error.details.reason : String(error)),
  );

describe("a record shared for reading", () => {
  it("is seen in gets and lists, filtered and in order, and not changed", async () => {
    const [li, zhao] = [await person(), await person()];
    const [mine, theirs] = [await capture(zhao), await capture(li)];
    const later = await capture(zhao);
    expect(await seen(zhao, theirs)).toBe("NOT_FOUND");
    await share(li, theirs, { granteeUserId: zhao.id });
    expect(await seen(zhao, theirs)).toBe("seen");
    expect(await listed(zhao)).toEqual([later, theirs, mine]);
    expect(await listed(zhao, "status = NEW")).toEqual([later, theirs, mine]);
    expect(await listed(zhao, "status = QUALIFIED")).toEqual([]);
    const update = { lead: Lead.fromPartial({ id: theirs, company: "Acme" }), updateMask: ["company"] };
    expect((await refusal(zhao.leads.updateLead(update))).reason).toBe("NOT_FOUND");
  });

  it("with a team is its members' and those of the teams below it", async () => {
    const company = await under.team();
    const east = await under.team({ parentTeamId: company });
    const [li, above, member, stranger] = [
      await person(),
      await person([company]),
      await person([east]),
      await person([await under.team()]),
    ];
    const id = await capture(li);
    await share(li, id, { granteeTeamId: east });
    expect([await seen(above, id), await seen(member, id), await seen(stranger, id)]).toEqual([
      "NOT_FOUND",
      "seen",
      "NOT_FOUND",
    ]);
    const other = await capture(li);
    await share(li, other, { granteeTeamId: company });
    expect([await seen(above, other), await seen(member, other)]).toEqual(["seen", "seen"]);
  });
});

describe("a record shared for writing", () => {
  it("is worked on, but not deleted, handed over or shared on", async () => {
    const [li, zhao, wang] = [await person(), await person(), await person()];
    const id = await capture(li);
    await share(li, id, { granteeUserId: zhao.id, access: "WRITE" });
    const update = { lead: Lead.fromPartial({ id, company: "Acme" }), updateMask: ["company"] };
    expect((await zhao.leads.updateLead(update)).company).toBe("Acme");
    expect((await refusal(zhao.leads.deleteLead({ id, etag: "" }))).reason).toBe("NOT_FOUND");
    const over = { id, etag: "", ownerId: zhao.id, teamId: "" };
    expect((await refusal(zhao.leads.reassignLead(over))).reason).toBe("NOT_FOUND");
    expect((await refusal(share(zhao, id, { granteeUserId: wang.id }))).reason).toBe("NOT_FOUND");
    const [given] = await sharesOf(zhao, id);
    expect((await refusal(take(zhao, id, given?.id ?? ""))).reason).toBe("NOT_FOUND");
  });

  it("gives nobody a permission that their roles lack", async () => {
    const li = await person();
    const reader = await person([], { "leads.*": "own", "leads.update": "own" });
    const outsider = under.client(LeadServiceService, { actor: reader.id, teams: [], grants: { "accounts.*": "all" } });
    const id = await capture(li);
    await share(li, id, { granteeUserId: reader.id, access: "WRITE" });
    expect((await refusal(outsider.getLead({ id }))).reason).toBe("PERMISSION_DENIED");
  });
});

describe("sharing", () => {
  it("is refused to those who do not see the record, and to those who may only read it", async () => {
    const [li, zhao] = [await person(), await person()];
    const id = await capture(li);
    expect((await refusal(share(zhao, id, { granteeUserId: zhao.id }))).reason).toBe("NOT_FOUND");
    const reader = {
      id: zhao.id,
      leads: zhao.leads,
      shares: under.client(ShareServiceService, {
        actor: newId("user"),
        teams: [],
        grants: { "leads.read": "all", "shares.*": "all" },
      }),
    };
    expect((await refusal(share(reader, id, { granteeUserId: zhao.id }))).reason).toBe("PERMISSION_DENIED");
  });

  it("names everything that is wrong, and nobody of another tenant", async () => {
    const li = await person();
    const id = await capture(li);
    expect(await refusal(share(li, id, {}))).toEqual({
      reason: "SHARE_WITHOUT_GRANTEE",
      fields: ["share.grantee_user_id", "share.grantee_team_id"],
    });
    expect(await refusal(share(li, id, { granteeTeamId: newId("team"), expireTime: new Date(0) }))).toEqual({
      reason: "NO_SUCH_GRANTEE",
      fields: ["share.grantee_team_id", "share.expire_time"],
    });
    expect((await refusal(share(li, id, { granteeUserId: newId("user") }))).reason).toBe("NO_SUCH_GRANTEE");
    expect((await refusal(share(li, newId("lead"), { granteeUserId: li.id }))).reason).toBe("NOT_FOUND");
  });

  it("once more with the same grantee is refused, by the same key answered again", async () => {
    const [li, zhao] = [await person(), await person()];
    const id = await capture(li);
    const first = await share(li, id, { granteeUserId: zhao.id }, "share-1");
    expect(await share(li, id, { granteeUserId: zhao.id }, "share-1")).toEqual(first);
    expect((await refusal(share(li, id, { granteeUserId: zhao.id }))).reason).toBe("SHARE_EXISTS");
  });

  it("is recorded, with who, what and until when", async () => {
    const [li, zhao] = [await person(), await person()];
    const id = await capture(li);
    const expireTime = new Date(Date.now() + 3_600_000);
    const made = await share(li, id, { granteeUserId: zhao.id, expireTime });
    expect(made).toMatchObject({ collection: "leads", recordId: id, ownerId: li.id, expireTime, etag: "1" });
    await take(li, id, made.id);
    const rows = await under.recorded(made.id);
    expect(rows.map(({ type, actor }) => [type, actor])).toEqual([
      ["ShareCreated", li.id],
      ["ShareRevoked", li.id],
    ]);
  });
});

describe("a share that holds no longer", () => {
  it("lets nobody at the record from the moment on that it is taken back", async () => {
    const [li, zhao] = [await person(), await person()];
    const id = await capture(li);
    const { id: shareId } = await share(li, id, { granteeUserId: zhao.id, access: "WRITE" });
    expect(await seen(zhao, id)).toBe("seen");
    expect((await take(li, id, shareId)).deleteTime).toBeDefined();
    expect(await seen(zhao, id)).toBe("NOT_FOUND");
    expect(await listed(zhao)).not.toContain(id);
    expect(await sharesOf(li, id)).toEqual([]);
    expect(await sharesOf(li, id, { showDeleted: true })).toHaveLength(1);
    expect((await share(li, id, { granteeUserId: zhao.id })).access).toBe("READ");
  });

  it("has expired to the moment, and makes room for another", async () => {
    const [li, zhao] = [await person(), await person()];
    const id = await capture(li);
    const first = await share(li, id, { granteeUserId: zhao.id, expireTime: new Date(Date.now() + 1_000) });
    await expect.poll(() => seen(zhao, id), { timeout: 3_000 }).toBe("NOT_FOUND");
    await share(li, id, { granteeUserId: zhao.id });
    expect(await seen(zhao, id)).toBe("seen");
    expect((await under.recorded(first.id)).map(({ type }) => type)).toEqual(["ShareCreated", "ShareExpired"]);
  });

  it("is its record's, once that is deleted, and does not come back with it", async () => {
    const [li, zhao] = [await person(), await person()];
    const id = await capture(li);
    await share(li, id, { granteeUserId: zhao.id });
    await li.leads.deleteLead({ id, etag: "" });
    await expect.poll(() => sharesOf(li, id), { timeout: 5_000 }).toEqual([]);
    await li.leads.undeleteLead({ id, etag: "" });
    expect(await seen(zhao, id)).toBe("NOT_FOUND");
  });
});

it("a grantee has no more than a thousand", async () => {
  const [li, zhao] = [await person(), await person()];
  const id = await capture(li);
  const filler = Array.from({ length: 1_000 }, (_, number) => ({
    _id: `share_filler${number}`,
    tenant: under.tenant,
    version: 1,
    outbox: [],
    state: {
      id: `share_filler${number}`,
      grantee: zhao.id,
      recordId: `lead_${number}`,
      liveKey: `${number} ${zhao.id}`,
    },
  }));
  await under.db.collection<{ _id: string }>("shares").insertMany(filler);
  expect((await refusal(share(li, id, { granteeUserId: zhao.id }))).reason).toBe("SHARE_LIMIT_REACHED");
});
