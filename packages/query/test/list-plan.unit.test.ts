import type { Visibility } from "@keynode/auth/visibility";
import { isDomainError } from "@keynode/decider/domain-error";
import { describe, expect, it } from "vitest";
import { type ListPlan, planList } from "../src/list-plan.ts";
import type { ListRequest } from "../src/list-request.ts";
import { defineListing } from "../src/listing.ts";
import { lead, leads } from "./leads.ts";

const all: Visibility = { kind: "all" };
const own: Visibility = { kind: "own", ownerId: "user_3" };
const team: Visibility = { kind: "team", ownerId: "user_3", teamIds: ["team_2", "team_1", "team_2"] };

const outcome = (request: Partial<ListRequest>) => planList(leads, { tenant: "t1", visibility: all, ...request });
const plan = (request: Partial<ListRequest> = {}): ListPlan => {
  const planned = outcome(request);
  if (isDomainError(planned)) throw new Error(JSON.stringify(planned));
  return planned;
};
const refusal = (request: Partial<ListRequest>) => {
  const planned = outcome(request);
  if (!isDomainError(planned)) throw new Error("not refused");
  return [planned.reason, planned.violations.map(({ field, reason }) => [field, reason])];
};
const filters = (request: Partial<ListRequest>) => plan(request).scans.map(({ filter }) => filter);
const hints = (request: Partial<ListRequest>) => plan(request).scans.map(({ hint }) => hint);

describe("every scan", () => {
  it("is of one tenant and hides deleted records", () => {
    expect(filters({})).toEqual([{ tenant: "t1", "state.deleteTime": null }]);
    expect(filters({ showDeleted: true })).toEqual([{ tenant: "t1" }]);
  });

  it("sees the actor's own records only under own", () => {
    expect(filters({ visibility: own })).toEqual([
      { tenant: "t1", "state.ownerId": "user_3", "state.deleteTime": null },
    ]);
  });

  it("sees the actor's records in one scan and the teams' in another under team", () => {
    expect(filters({ visibility: team })).toEqual([
      { tenant: "t1", "state.ownerId": "user_3", "state.deleteTime": null },
      { tenant: "t1", "state.teamId": { $in: ["team_1", "team_2"] }, "state.deleteTime": null },
    ]);
    expect(filters({ visibility: { ...team, teamIds: [] } })).toHaveLength(1);
  });

  it("lists at most a hundred teams", () => {
    const teamIds = Array.from({ length: 250 }, (_, number) => `team_${number}`);
    expect(filters({ visibility: { ...team, teamIds } })).toHaveLength(1 + 3);
  });

  it("walks the order with a look at each record where the caller sees much of the tenant, the teams' runs behind it", () => {
    const teamIds = Array.from({ length: 250 }, (_, number) => `team_${number}`);
    const { scans, otherwise } = plan({ visibility: { ...team, teamIds, teamCount: 2_500 }, filter: "status = NEW" });
    expect(scans).toEqual([
      {
        filter: {
          tenant: "t1",
          "state.status": "NEW",
          "state.deleteTime": null,
          $or: [{ "state.teamId": { $in: teamIds } }, { "state.ownerId": "user_3" }],
        },
        hint: "list_state.status_state.createTime_desc",
        maxTimeMs: 250,
      },
    ]);
    expect(otherwise).toEqual(plan({ visibility: { ...team, teamIds }, filter: "status = NEW" }).scans);
    expect(plan({ visibility: { ...team, teamIds, teamCount: 2_501 } }).otherwise).toBeUndefined();
  });

  it("finds shared records by their ids, at most a thousand at once", () => {
    const shared = new Set(Array.from({ length: 1_001 }, (_, number) => `lead_${number + 1_000}`));
    const scans = plan({ visibility: { ...own, shared }, filter: "status = NEW" }).scans.slice(1);
    expect(scans.map(({ hint, sorts }) => [hint, sorts])).toEqual([
      ["_id_", true],
      ["_id_", true],
    ]);
    expect(scans[1]?.filter).toEqual({
      _id: { $in: ["lead_2000"] },
      tenant: "t1",
      "state.status": "NEW",
      "state.deleteTime": null,
    });
  });

  it("asks for an owner only where that owner is seen", () => {
    expect(filters({ visibility: own, filter: "ownerId = user_9" })).toEqual([]);
    expect(filters({ visibility: own, filter: "ownerId = user_9 OR ownerId = user_3" })).toEqual(
      filters({ visibility: own }),
    );
    expect(filters({ visibility: team, filter: "ownerId = user_9" })).toEqual([
      {
        tenant: "t1",
        "state.teamId": { $in: ["team_1", "team_2"] },
        "state.ownerId": "user_9",
        "state.deleteTime": null,
      },
    ]);
  });
});

describe("the index", () => {
  it.each([
    [{}, "list_state.createTime_desc"],
    [{ orderBy: "create_time" }, "list_state.createTime_desc"],
    [{ filter: "status = NEW" }, "list_state.status_state.createTime_desc"],
    [{ filter: "status = NEW OR status = LOST" }, "list_state.status_state.createTime_desc"],
    [{ filter: "status = NEW source.channel = PHONE" }, "list_state.source.channel_state.status_state.createTime_desc"],
    [{ filter: "ownerId = user_9" }, "list_state.ownerId_state.createTime_desc"],
    [{ filter: "ownerId = user_9 vip = true" }, "list_state.ownerId_state.createTime_desc"],
    [{ filter: "tags:a1" }, "list_state.tags_state.createTime_desc"],
    [{ orderBy: "name desc", filter: "status = NEW" }, "list_state.status_state.nameKey_asc"],
    [{ filter: "vip = true" }, "list_state.createTime_desc"],
  ])("for %j narrows most", (request, hint) => {
    expect(hints(request)).toEqual([hint]);
  });

  it("begins with what the caller sees, whatever else is asked", () => {
    expect(hints({ visibility: own, filter: "status = NEW source.channel = PHONE" })).toEqual([
      "list_state.ownerId_state.createTime_desc",
    ]);
  });

  it("of another order is looked through where none begins with what the caller sees", () => {
    const [scan] = plan({ visibility: own, orderBy: "amount" }).scans;
    expect(scan).toMatchObject({ hint: "list_state.amount_desc", maxTimeMs: 1_000 });
    expect(scan?.filter).toEqual({ tenant: "t1", "state.deleteTime": null, "state.ownerId": "user_3" });
    expect(plan({ visibility: own, orderBy: "name" }).scans[0]).not.toHaveProperty("maxTimeMs");
  });

  it("is not one whose runs are too many to be merged", () => {
    const many = Array.from({ length: 30 }, (_, number) => `email = "${number}@x"`).join(" OR ");
    const teamIds = Array.from({ length: 100 }, (_, number) => `team_${number}`);
    expect(hints({ filter: many })).toEqual(["list_state.email_state.createTime_desc"]);
    expect(hints({ filter: many, visibility: { ...team, teamIds } })).toEqual([
      "list_state.ownerId_state.createTime_desc",
      "list_state.teamId_state.createTime_desc",
    ]);
  });
});

describe("the time limit", () => {
  it("stands where records are looked at one by one, and only there", () => {
    expect(plan({ filter: "status = NEW" }).scans[0]).not.toHaveProperty("maxTimeMs");
    expect(plan({ filter: "status = NEW vip = true" }).scans[0]).toMatchObject({ maxTimeMs: 1_000 });
    expect(plan({ filter: "status = NEW", visibility: own }).scans[0]).toMatchObject({ maxTimeMs: 1_000 });
    expect(plan({ filter: "createTime > 2026-01-05T00:00:00Z" }).scans[0]).not.toHaveProperty("maxTimeMs");
  });
});

describe("too costly is", () => {
  it.each([
    "score > 0.5",
    "score = 0.5",
    "status != NEW",
    "status = NEW OR email = x",
    "NOT (status = NEW OR vip = true)",
    "source.channel = PHONE",
    'nameKey = "wang*"',
    "tags:a tags:b",
    "tags:a OR tags:b",
    "convertTime:*",
  ])("%s", (filter) => {
    expect(refusal({ filter })).toEqual(["FILTER_TOO_COSTLY", [["filter", "FILTER_NOT_SERVED"]]]);
  });

  it("what no index orders by, which it says with what could be asked", () => {
    expect(outcome({ filter: "score > 0.5 AND status = NEW", orderBy: "amount" })).toMatchObject({
      reason: "FILTER_TOO_COSTLY",
      violations: [
        {
          description:
            "no index serves status, score ordered by amount; ordered so it can be filtered by: amount; capturedOn; visits; vip",
        },
      ],
    });
  });

  it.each([all, own, team])("the same for everyone: %j", (visibility) => {
    expect(refusal({ filter: "score > 0.5", visibility })).toEqual([
      "FILTER_TOO_COSTLY",
      [["filter", "FILTER_NOT_SERVED"]],
    ]);
    expect(isDomainError(outcome({ filter: "status = NEW", visibility }))).toBe(false);
  });
});

describe("a request is refused", () => {
  it.each([
    [{ filter: "(" }, "INVALID_FILTER", [["filter", "FILTER_ENDS_EARLY"]]],
    [{ filter: "nope = 1" }, "INVALID_FILTER", [["filter", "FILTER_UNKNOWN_FIELD"]]],
    [{ orderBy: "nope" }, "INVALID_ORDER", [["order_by", "ORDER_NOT_OFFERED"]]],
    [{ orderBy: "score" }, "INVALID_ORDER", [["order_by", "ORDER_NOT_OFFERED"]]],
    [{ orderBy: "createTime downwards" }, "INVALID_ORDER", [["order_by", "ORDER_NOT_OFFERED"]]],
    [{ orderBy: "createTime, name" }, "INVALID_ORDER", [["order_by", "ORDER_NOT_OFFERED"]]],
    [{ orderBy: "__proto__" }, "INVALID_ORDER", [["order_by", "ORDER_NOT_OFFERED"]]],
    [{ pageSize: -1 }, "INVALID_PAGE_SIZE", [["page_size", "PAGE_SIZE_NEGATIVE"]]],
    [{ pageToken: "hello" }, "INVALID_PAGE_TOKEN", [["page_token", "PAGE_TOKEN_UNREADABLE"]]],
  ])("%j", (request, reason, violations) => {
    expect(refusal(request)).toEqual([reason, violations]);
  });

  it("naming everything wrong with it at once", () => {
    expect(refusal({ filter: "nope = 1 vip = 2", orderBy: "nope", pageSize: -1 })).toEqual([
      "INVALID_FILTER",
      [
        ["filter", "FILTER_UNKNOWN_FIELD"],
        ["filter", "FILTER_WRONG_TYPE"],
        ["order_by", "ORDER_NOT_OFFERED"],
        ["page_size", "PAGE_SIZE_NEGATIVE"],
      ],
    ]);
  });

  it("in the caller's language", () => {
    expect(outcome({ filter: "vip = 2", locale: "zh" })).toMatchObject({
      metadata: { detail: "vip 的值应为 true | false，而不是 2" },
      violations: [{ description: "vip 的值应为 true | false，而不是 2" }],
    });
  });
});

describe("the page size", () => {
  it.each([
    [undefined, 50],
    [0, 50],
    [1, 1],
    [1_000, 1_000],
    [1_001, 1_000],
  ])("%s asks for %s records", (pageSize, expected) => {
    expect(plan({ pageSize }).pageSize).toBe(expected);
  });
});

describe("a page token", () => {
  const last = lead(7, { convertTime: new Date("2026-01-05T12:00:00Z") });
  const next = (request: Partial<ListRequest>, from: object = last) =>
    filters({ ...request, pageToken: plan(request).nextPageToken(from) });

  it("reads on behind the last record, ties by id", () => {
    const { createTime } = last.state;
    expect(next({ filter: "status = NEW" })).toEqual([
      {
        tenant: "t1",
        "state.status": "NEW",
        "state.createTime": { $lte: createTime },
        $or: [{ "state.createTime": { $lt: createTime } }, { _id: { $lt: last._id } }],
        "state.deleteTime": null,
      },
    ]);
    expect(next({ orderBy: "createTime" })[0]).toMatchObject({
      "state.createTime": { $gte: createTime },
      $or: [{ "state.createTime": { $gt: createTime } }, { _id: { $gt: last._id } }],
    });
  });

  it("keeps the filter's own bounds on the order field", () => {
    expect(next({ filter: "createTime > 2026-01-01T00:00:00Z" })[0]).toMatchObject({
      "state.createTime": { $lte: last.state.createTime, $gt: new Date("2026-01-01T00:00:00Z") },
    });
  });

  it("reads records without the order field last when descending, first when ascending", () => {
    const { convertTime: _, ...rest } = last.state;
    const without = { ...last, state: rest };
    expect(next({ orderBy: "convertTime desc" })).toMatchObject([
      { "state.convertTime": { $lte: last.state.convertTime } },
      { "state.convertTime": null },
    ]);
    expect(next({ orderBy: "convertTime desc" }, without)).toMatchObject([
      { "state.convertTime": null, _id: { $lt: last._id } },
    ]);
    expect(next({ orderBy: "convertTime" })).toMatchObject([{ "state.convertTime": { $gte: last.state.convertTime } }]);
    expect(next({ orderBy: "convertTime" }, without)).toMatchObject([
      { "state.convertTime": null, _id: { $gt: last._id } },
      { "state.convertTime": { $gte: new Date(-8.64e15) } },
    ]);
  });

  it("carries a large integer unharmed", () => {
    const amount = 9_007_199_254_740_993n;
    expect(next({ orderBy: "amount desc" }, { ...last, state: { ...last.state, amount } })[0]).toMatchObject({
      "state.amount": { $lte: amount },
    });
  });

  const other = { fields: { createTime: { path: "at", type: "time" } } } as const;
  it.each<[string, Partial<ListRequest>]>([
    ["filter", { filter: "status = LOST" }],
    ["order", { filter: "status = NEW", orderBy: "createTime" }],
    ["tenant", { filter: "status = NEW", tenant: "t2" }],
    ["choice of deleted records", { filter: "status = NEW", showDeleted: true }],
  ])("is refused with another %s", (_, request) => {
    const pageToken = plan({ filter: "status = NEW" }).nextPageToken(last);
    expect(refusal({ ...request, pageToken })).toEqual([
      "INVALID_PAGE_TOKEN",
      [["page_token", "PAGE_TOKEN_OF_ANOTHER_LIST"]],
    ]);
  });

  it("is refused by another listing", () => {
    const listing = defineListing({ fields: other.fields, indexes: [], defaultOrder: "-createTime" });
    const pageToken = plan().nextPageToken(last);
    expect(planList(listing, { tenant: "t1", visibility: all, pageToken })).toMatchObject({
      reason: "INVALID_PAGE_TOKEN",
    });
  });

  it("is taken with the same filter in another spelling, and another page size", () => {
    const pageToken = plan({ filter: "status = NEW AND vip = true" }).nextPageToken(last);
    expect(isDomainError(outcome({ filter: "status:NEW", pageToken }))).toBe(true);
    expect(isDomainError(outcome({ filter: " status=NEW (vip=true)", pageToken, pageSize: 7 }))).toBe(false);
  });
});

describe("a field that is concealed from the caller", () => {
  const concealed = new Set(["status", "createTime"]);

  it("cannot be filtered by, wherever it stands in the filter, nor ordered by", () => {
    expect(
      refusal({ concealed, filter: "ownerId = user_1 AND NOT (status = NEW OR status:*)", orderBy: "name" }),
    ).toEqual(["PERMISSION_DENIED", [["filter", "FIELD_CONCEALED"]]]);
    expect(refusal({ concealed, filter: "status = NEW", orderBy: "createTime desc" })).toEqual([
      "PERMISSION_DENIED",
      [
        ["filter", "FIELD_CONCEALED"],
        ["order_by", "FIELD_CONCEALED"],
      ],
    ]);
  });

  it("is named", () => {
    const planned = outcome({ concealed, filter: "status = NEW", orderBy: "name" });
    expect(planned).toMatchObject({ metadata: { field: "status" } });
  });

  it("does not stand in the way of the others", () => {
    expect(plan({ concealed, filter: "ownerId = user_1", orderBy: "name" }).scans).toHaveLength(1);
  });
});

describe("a plan that was made before", () => {
  it("serves those who ask the same", () => {
    expect(plan({ filter: "status = NEW", pageSize: 20 })).toBe(plan({ filter: "status = NEW", pageSize: 20 }));
  });

  it.each<Partial<ListRequest>>([
    { tenant: "t2" },
    { filter: "status = LOST" },
    { orderBy: "createTime" },
    { pageSize: 21 },
    { showDeleted: true },
    { locale: "zh" },
    { visibility: own },
    { visibility: team },
  ])("is not taken where %j is asked", (other) => {
    const known = { filter: "status = NEW", pageSize: 20 };
    expect(plan({ ...known, ...other })).not.toBe(plan(known));
  });

  it("is not taken for a caller from whom its fields are concealed", () => {
    plan({ filter: 'email = "lead1@example.com"' });
    expect(refusal({ filter: 'email = "lead1@example.com"', concealed: new Set(["email"]) })[0]).toBe(
      "PERMISSION_DENIED",
    );
  });
});
