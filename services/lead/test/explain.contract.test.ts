import { newId } from "@keynode/aggregate/type-id";
import { AccessServiceService } from "@keynode/contracts/crm/chassis/v1/access_service";
import { Share } from "@keynode/contracts/crm/chassis/v1/share";
import { ShareServiceService } from "@keynode/contracts/crm/chassis/v1/share_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { RpcError } from "@keynode/grpc/rpc-error";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

type Scope = "own" | "team" | "all";
let under: ServiceUnderTest;
let teams: string[];
let owners: string[];
let records: string[];

/** sales ─ east, west; service. Two owners, a lead in each team of each, some shared. */
beforeAll(async () => {
  under = await startForTest(leadService);
  const sales = await under.team();
  teams = [
    sales,
    await under.team({ parentTeamId: sales }),
    await under.team({ parentTeamId: sales }),
    await under.team(),
  ];
  owners = [await under.user(), await under.user()];
  const all = under.client(LeadServiceService);
  const pairs = owners.flatMap((ownerId) => teams.map((teamId) => ({ ownerId, teamId })));
  records = await Promise.all(
    pairs.map(async (whose, number) => {
      const lead = Lead.fromPartial({ name: "王芳", email: `${number}@example.com`, ...whose });
      return (await all.createLead({ lead })).id;
    }),
  );
  const shares = under.client(ShareServiceService);
  const share = (recordId: string | undefined, given: Partial<Share>) =>
    shares.createShare({ collection: "leads", recordId: recordId ?? "", share: Share.fromPartial(given) });
  await share(records[0], { granteeTeamId: teams[3] ?? "", access: "READ" });
  await share(records[1], { granteeTeamId: sales, access: "WRITE" });
  await share(records[6], { granteeUserId: owners[0] ?? "", access: "READ" });
  await share(records[7], { granteeUserId: owners[0] ?? "", access: "WRITE" });
});

const engine = () => under.client(AccessServiceService, { actor: "service:identity", tenant: "*" });
const explain = (
  { actor, members, scope }: { actor: string; members: string[]; scope: Scope },
  permission: string,
  writes: boolean,
  recordId: string,
) =>
  engine().explainAccess({
    tenant: under.tenant,
    subject: { actor, teams: members, grants: [{ permission: "leads.*", scope }] },
    permission,
    writes,
    recordId,
  });

it("the explanation is what a real call meets, whatever the scope, the teams, the record and its shares", async () => {
  // Each run is another caller to the cache of tokens.
  let policyVersion = 1;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Scope>("own", "team", "all"),
      fc.constantFrom(0, 1, 2),
      fc.subarray([0, 1, 2, 3]),
      fc.nat({ max: 7 }),
      fc.constantFrom("read", "update", "delete"),
      async (scope, who, memberOf, which, verb) => {
        const actor = owners[who] ?? newId("user");
        const members = memberOf.map((index) => teams[index] ?? "");
        const id = records[which] ?? "";
        policyVersion += 1;
        const leads = under.client(LeadServiceService, {
          actor,
          teams: members,
          grants: { "leads.*": scope },
          policyVersion,
        });
        const call = {
          read: () => leads.getLead({ id }),
          update: () => leads.updateLead({ lead: Lead.fromPartial({ id, company: "Acme" }), updateMask: ["company"] }),
          // A stale etag: who may delete gets as far as that.
          delete: () => leads.deleteLead({ id, etag: "999" }),
        }[verb];
        const outcome = await call().then(
          () => "done",
          (error: unknown) => (error instanceof RpcError ? error.details.reason : "fault"),
        );
        expect(["done", "ETAG_MISMATCH", "NOT_FOUND"]).toContain(outcome);
        const { rule } = await explain({ actor, members, scope }, `leads.${verb}`, verb !== "read", id);
        expect(rule !== "RULE_UNSPECIFIED").toBe(outcome !== "NOT_FOUND");
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);

describe("an explanation", () => {
  it("names the way from the caller's team down to the record's", async () => {
    const [sales = "", east = ""] = teams;
    const told = await explain(
      { actor: newId("user"), members: [sales], scope: "team" },
      "leads.read",
      false,
      records[1] ?? "",
    );
    expect(told).toMatchObject({ exists: true, rule: "TEAM", teamPath: [sales, east] });
  });

  it("names who shared the record, and the farther of two shares", async () => {
    const [first = ""] = owners;
    const told = await explain({ actor: first, members: [], scope: "own" }, "leads.read", false, records[7] ?? "");
    expect(told).toMatchObject({ rule: "SHARED", sharedBy: under.admin.actor });
    expect(told.shareId).toMatch(/^share_/);
  });

  it("names the fields that are masked", async () => {
    const [first = ""] = owners;
    const ask = (grants: { permission: string; scope: string }[]) =>
      engine().explainAccess({
        tenant: under.tenant,
        subject: { actor: first, teams: [], grants },
        permission: "leads.read",
        writes: false,
        recordId: records[0] ?? "",
      });
    const narrow = await ask([{ permission: "leads.read", scope: "own" }]);
    expect(narrow.maskedFields).toEqual(expect.arrayContaining(["email", "phone"]));
    const wide = await ask([
      { permission: "leads.read", scope: "own" },
      { permission: "leads.readSensitive", scope: "own" },
    ]);
    expect(wide.maskedFields).toEqual([]);
  });

  it("tells a record that is not there from one out of reach", async () => {
    const caller = { actor: newId("user"), members: [], scope: "own" as const };
    expect(await explain(caller, "leads.read", false, records[0] ?? "")).toMatchObject({ exists: true });
    expect(await explain(caller, "leads.read", false, newId("lead"))).toMatchObject({ exists: false });
  });
});
