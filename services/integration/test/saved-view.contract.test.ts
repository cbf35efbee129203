import { newId } from "@keynode/aggregate/type-id";
import type { Scope } from "@keynode/auth/principal";
import { SavedView } from "@keynode/contracts/crm/integration/v1/saved_view";
import {
  ListSavedViewsRequest,
  SavedViewServiceService,
} from "@keynode/contracts/crm/integration/v1/saved_view_service";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { GrpcClient } from "@keynode/grpc/client";
import { refused } from "@keynode/runtime/testing-refusal";
import { isDomainError } from "@keynode/decider/domain-error";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { savedViewListing } from "../src/api/list.ts";
import { integrationService } from "../src/service.ts";

type Views = GrpcClient<typeof SavedViewServiceService>;

let under: ServiceUnderTest;
let views: Views;

beforeAll(async () => {
  under = await startForTest(integrationService);
  views = under.client(SavedViewServiceService);
});

const make = (partial: Partial<SavedView> = {}, client: Views = views) =>
  client.createSavedView({
    savedView: SavedView.fromPartial({ name: "Hot leads", collection: "leads", ...partial }),
  });
const update = (id: string, changes: Partial<SavedView>, mask: string, client: Views = views) =>
  client.updateSavedView({ savedView: SavedView.fromPartial({ id, ...changes }), updateMask: [mask] });
const listed = async (client: Views, filter = "", more: Partial<ListSavedViewsRequest> = {}) =>
  (await client.listSavedViews(ListSavedViewsRequest.fromPartial({ filter, ...more }))).savedViews.map(({ id }) => id);
const person = (scope: Scope, team: string): Views =>
  under.client(SavedViewServiceService, { actor: newId("user"), teams: [team], grants: { "savedViews.*": scope } });
const refusal = async (call: Promise<unknown>) => {
  const error = await refused(call);
  return {
    code: error.code,
    reason: error.details.reason,
    fields: error.details.violations.map(({ field }) => field),
  };
};

describe("a saved view", () => {
  it("is its caller's and read back as it was answered", async () => {
    const view = await make({ filter: "status = NEW", orderBy: "createTime desc", columns: ["name", "status"] });
    expect(view).toMatchObject({ ownerId: under.admin.actor, teamId: under.admin.teams[0], shared: false, etag: "1" });
    expect(await views.getSavedView({ id: view.id })).toEqual(view);
  });
  it("is refused for a collection that is none, and takes every one that can be listed", async () => {
    expect(await refusal(make({ collection: "wishes" }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "COLLECTION_UNKNOWN",
      fields: ["saved_view.collection"],
    });
    for (const collection of ["opportunities", "accounts", "users", "savedViews"]) {
      expect((await make({ collection })).collection).toBe(collection);
    }
  });
  it("stays of its collection", async () => {
    const { id } = await make();
    expect(await refusal(update(id, { collection: "cases" }, "collection"))).toMatchObject({
      reason: "INVALID_FIELD_MASK",
    });
  });
  it("repeated under one key is one view", async () => {
    const savedView = SavedView.fromPartial({ name: "Once", collection: "leads" });
    const first = await views.createSavedView({ savedView }, { idempotencyKey: "view-1" });
    expect(await views.createSavedView({ savedView }, { idempotencyKey: "view-1" })).toEqual(first);
  });
  it("is handed over, deleted and brought back", async () => {
    const { id } = await make();
    const ownerId = await under.user();
    expect(await views.reassignSavedView({ id, etag: "1", ownerId, teamId: "" })).toMatchObject({ ownerId, etag: "2" });
    expect(await refusal(views.deleteSavedView({ id, etag: "1" }))).toMatchObject({ reason: "ETAG_MISMATCH" });
    expect((await views.deleteSavedView({ id, etag: "" })).deleteTime).toBeDefined();
    expect(await refusal(update(id, { name: "N" }, "name"))).toMatchObject({ reason: "RECORD_DELETED" });
    expect((await views.undeleteSavedView({ id, etag: "" })).deleteTime).toBeUndefined();
  });
});

describe("a shared view", () => {
  it.each(["own", "team"] as const)("is read by whoever may read saved views, with scope %s", async (scope) => {
    const reader = person(scope, newId("team"));
    const { id } = await make({ shared: true });
    const mine = await make({}, reader);
    expect(await reader.getSavedView({ id })).toMatchObject({ id });
    const seen = await listed(reader);
    expect(seen).toContain(id);
    expect(seen).toContain(mine.id);
    await update(id, { shared: false }, "shared");
    expect(await refusal(reader.getSavedView({ id }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await listed(reader)).not.toContain(id);
  });
  it("is changed only by those who see its owner's records", async () => {
    const { id } = await make({ shared: true });
    const reader = person("own", newId("team"));
    expect(await refusal(update(id, { name: "Mine" }, "name", reader))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(reader.deleteSavedView({ id, etag: "" }))).toMatchObject({ code: "NOT_FOUND" });
  });
  it("stays within its tenant", async () => {
    const { id } = await make({ shared: true });
    const stranger = under.client(SavedViewServiceService, { tenant: newId("tenant"), actor: newId("user") });
    expect(await refusal(stranger.getSavedView({ id }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await listed(stranger)).toEqual([]);
  });
});

describe("a view that is not shared", () => {
  it("is its owner's and, where sight reaches so far, the team's", async () => {
    const team = newId("team");
    const [owner, colleague, narrow] = [person("own", team), person("team", team), person("own", team)];
    const { id } = await make({}, owner);
    expect(await listed(owner)).toContain(id);
    expect(await listed(colleague)).toContain(id);
    expect(await listed(narrow)).not.toContain(id);
    expect(await refusal(narrow.getSavedView({ id }))).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a list of saved views", () => {
  it("is narrowed by collection and by whether they are shared", async () => {
    const me = person("own", newId("team"));
    const leads = await make({ collection: "leads" }, me);
    const cases = await make({ collection: "cases", shared: true }, me);
    expect(await listed(me, "collection = 'leads'")).toContain(leads.id);
    expect(await listed(me, "collection = 'cases'")).toContain(cases.id);
    expect(await listed(me, "shared = true")).toContain(cases.id);
    expect(await listed(me, "shared = true")).not.toContain(leads.id);
  });
  it("is served in order by an index, whoever asks", async () => {
    const ownerId = newId("user");
    for (const visibility of [
      { kind: "all" },
      { kind: "team", ownerId, teamIds: ["everyone"] },
      { kind: "team", ownerId, teamIds: [newId("team"), "everyone"] },
    ] as const) {
      for (const filter of ["", "collection = 'leads'", "shared = true", `ownerId = "${ownerId}"`]) {
        const plan = planList(savedViewListing, { tenant: under.tenant, visibility, filter });
        if (isDomainError(plan)) throw new Error(`${filter}: ${plan.reason}`);
        await assertServed(under.db.collection<AggregateDocument<object>>("savedViews"), plan);
      }
    }
  });
});
