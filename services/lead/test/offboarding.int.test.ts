import { newId } from "@keynode/aggregate/type-id";
import { AccessServiceService } from "@keynode/contracts/crm/chassis/v1/access_service";
import { Share } from "@keynode/contracts/crm/chassis/v1/share";
import { ListSharesRequest, ShareServiceService } from "@keynode/contracts/crm/chassis/v1/share_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserActivated, UserOffboarded } from "@keynode/contracts/crm/identity/v1/user_events";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startForTest(leadService, { HANDOVER_POLL_MS: "50" });
});

const as = (actor: string) => ({ actor, teams: [], grants: { "leads.*": "own", "shares.*": "own" } as const });
const leadsOf = (actor: string) => under.client(LeadServiceService, as(actor));
const capture = async (actor: string): Promise<string> =>
  (await leadsOf(actor).createLead({ lead: Lead.fromPartial({ name: "王芳", email: `${newId("mail")}@example.com` }) }))
    .id;
const ownerOf = async (id: string) => (await under.client(LeadServiceService).getLead({ id })).ownerId;
const left = (userId: string, successorId: string, teamId = "") =>
  under.event({
    context: "identity",
    kind: "user",
    type: "UserOffboarded",
    recordId: userId,
    version: 2,
    codec: UserOffboarded,
    message: UserOffboarded.fromPartial({
      successorId,
      teamId,
      offboardTime: new Date(),
      snapshot: User.fromPartial({ id: userId, active: false, successorId }),
    }),
  });
const progress = (userId: string) =>
  under
    .client(AccessServiceService, { actor: "service:identity", tenant: "*" })
    .getHandover({ tenant: under.tenant, userId });
/** As if the time had come to look again. */
const lookAgain = (userId: string) =>
  under.db.collection("handovers").updateOne({ tenant: under.tenant, userId }, { $set: { wakeAt: new Date(0) } });

describe("of a user who left", () => {
  it("everything is the successor's: records, deleted ones too, and the shares they made; those they had end", async () => {
    const [li, zhao, wang] = [await under.user(), await under.user(), await under.user()];
    const records = await Promise.all(Array.from({ length: 5 }, () => capture(li)));
    const [gone = "", shared = "", kept = ""] = records;
    await leadsOf(li).deleteLead({ id: gone, etag: "" });
    const others = await capture(wang);
    const share = (actor: string, recordId: string, granteeUserId: string) =>
      under
        .client(ShareServiceService, as(actor))
        .createShare({ collection: "leads", recordId, share: Share.fromPartial({ access: "READ", granteeUserId }) });
    await share(li, shared, wang);
    await share(wang, others, li);

    await under.publish(left(li, zhao));
    expect(await Promise.all(records.map(ownerOf))).toEqual(records.map(() => zhao));
    expect((await under.client(LeadServiceService).undeleteLead({ id: gone, etag: "" })).ownerId).toBe(zhao);
    const sharesOf = async (recordId: string) =>
      (
        await under
          .client(ShareServiceService)
          .listShares(ListSharesRequest.fromPartial({ collection: "leads", recordId }))
      ).shares.map(({ ownerId, granteeUserId }) => [ownerId, granteeUserId]);
    expect(await sharesOf(shared)).toEqual([[zhao, wang]]);
    expect(await sharesOf(others)).toEqual([]);
    expect(await progress(li)).toMatchObject({ heard: true, movedCount: 6, remainders: [] });
    expect((await progress(li)).finishTime).toBeDefined();
    const rows = await under.recorded(kept);
    expect(rows.at(-1)).toMatchObject({ type: "LeadReassigned", actor: "service:lead" });
    expect(rows.at(-1)?.causedBy).toBeDefined();
  });

  it("the records become a team's where one is named, else each stays with its own", async () => {
    const [li, zhao, team] = [await under.user(), await under.user(), await under.team()];
    const id = await capture(li);
    await under.publish(left(li, zhao, team));
    expect(await under.client(LeadServiceService).getLead({ id })).toMatchObject({ ownerId: zhao, teamId: team });
  });

  it("what comes up later is handed over as well, and the same news twice moves nothing twice", async () => {
    const [li, zhao] = [await under.user(), await under.user()];
    const event = left(li, zhao);
    await under.publish(event);
    const late = await capture(li);
    await under.publish(event);
    expect(await ownerOf(late)).toBe(li);
    expect((await progress(li)).remainders).toEqual([{ collection: "leads", count: 1 }]);
    await lookAgain(li);
    await expect.poll(() => ownerOf(late), { timeout: 30_000 }).toBe(zhao);
    expect((await under.recorded(late)).map(({ type }) => type)).toEqual(["LeadCaptured", "LeadReassigned"]);
  });

  it("what a process that was killed left undone is taken up again", async () => {
    const [li, zhao] = [await under.user(), await under.user({ active: true })];
    const records = [await capture(li), await capture(li)];
    await under.db.collection<{ _id: string }>("handovers").insertOne({
      _id: newId("event"),
      tenant: under.tenant,
      userId: li,
      userVersion: 2,
      successorId: zhao,
      teamId: "",
      movedCount: 1,
      sweeps: 0,
      wakeAt: new Date(0),
    } as { _id: string });
    await expect.poll(() => Promise.all(records.map(ownerOf)), { timeout: 30_000 }).toEqual([zhao, zhao]);
    await expect.poll(async () => (await progress(li)).movedCount).toBe(3);
  });

  it("nothing more is taken once they are back", async () => {
    const [li, zhao] = [await under.user(), await under.user()];
    await under.publish(left(li, zhao));
    const back = User.fromPartial({ id: li, active: true });
    const event = { context: "identity", kind: "user", type: "UserActivated", recordId: li, version: 3 } as const;
    await under.publish(
      under.event({ ...event, codec: UserActivated, message: UserActivated.fromPartial({ snapshot: back }) }),
    );
    const id = await capture(li);
    await lookAgain(li);
    const handover = () => under.db.collection("handovers").findOne({ userId: li });
    await expect.poll(async () => (await handover())?.["wakeAt"], { timeout: 30_000 }).toBeUndefined();
    expect(await ownerOf(id)).toBe(li);
  });
});

it("only services may ask how far it is", async () => {
  const call = under.client(AccessServiceService).getHandover({ tenant: under.tenant, userId: newId("user") });
  await expect(call).rejects.toMatchObject({ details: { reason: "INTERNAL_METHOD" } });
});
