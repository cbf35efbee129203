import { describe, expect, it } from "vitest";
import { engineFilter } from "../src/engine-filter.ts";
import { parseFilter } from "../src/filter-parser.ts";
import { bindFilter } from "../src/predicate.ts";
import { leads } from "./leads.ts";

const bind = (filter: string) => {
  const parsed = parseFilter(filter);
  if (parsed.kind === "Problem") throw new Error(parsed.reason);
  return bindFilter(parsed, leads.fields);
};
const engine = (filter: string) => {
  const bound = bind(filter);
  if (!("kind" in bound)) throw new Error(JSON.stringify(bound));
  return engineFilter(bound);
};
const problems = (filter: string) => {
  const bound = bind(filter);
  return "kind" in bound ? [] : bound.map(({ reason, metadata }) => [reason, metadata["field"]]);
};

describe("a filter in the engine's language", () => {
  it.each([
    ["status = NEW", { "state.status": "NEW" }],
    ['status:"NEW"', { "state.status": "NEW" }],
    ["status != NEW", { "state.status": { $ne: "NEW" } }],
    ["NOT status = NEW", { "state.status": { $ne: "NEW" } }],
    ["create_time >= 2026-01-05T09:00:00Z", { "state.createTime": { $gte: new Date("2026-01-05T09:00:00Z") } }],
    [
      "createTime<2026-01-05T09:00:00.123456+08:00",
      { "state.createTime": { $lt: new Date("2026-01-05T01:00:00.123Z") } },
    ],
    ["captured_on = 2026-01-05", { "state.capturedOn": "2026-01-05" }],
    ["visits > -3", { "state.visits": { $gt: -3 } }],
    ["amount = 9007199254740993", { "state.amount": 9007199254740993n }],
    ["score <= 1.5e-1", { "state.score": { $lte: 0.15 } }],
    ["vip = true", { "state.vip": true }],
    ["tags:vip", { "state.tags": "vip" }],
    ["-tags:vip", { "state.tags": { $ne: "vip" } }],
    ["tags:*", { "state.tags.0": { $exists: true } }],
    ["source.channel = PHONE", { "state.source.channel": "PHONE" }],
    ["convert_time:*", { "state.convertTime": { $nin: [null] } }],
    ["email:*", { "state.email": { $nin: [null, ""] } }],
    ["status:*", { "state.status": { $nin: [null, "", "STATUS_UNSPECIFIED"] } }],
    ["NOT visits > 3", { $nor: [{ "state.visits": { $gt: 3 } }] }],
    ["visits > 3 visits < 5", { "state.visits": { $gt: 3, $lt: 5 } }],
    ["visits > 3 visits > 5", { "state.visits": { $gt: 3 }, $and: [{ "state.visits": { $gt: 5 } }] }],
    ["vip = true visits = 1 OR visits = 2", { "state.vip": true, $or: [{ "state.visits": 1 }, { "state.visits": 2 }] }],
    ['nameKey = "wang*"', { "state.nameKey": { $gte: "wang", $lt: "wanh" } }],
    ["nameKey = 张*", { "state.nameKey": { $gte: "张", $lt: "弡" } }],
    ['nameKey = "\ud7ff*"', { "state.nameKey": { $gte: "\ud7ff", $lt: "\ue000" } }],
    ['nameKey = "a\u{10ffff}*"', { "state.nameKey": { $gte: "a\u{10ffff}", $lt: "b" } }],
    ['nameKey = "\u{10ffff}*"', { "state.nameKey": { $gte: "\u{10ffff}" } }],
  ])("%s", (filter, expected) => {
    expect(engine(filter)).toEqual(expected);
  });

  it.each(['email = "$where"', String.raw`email = "{\"$ne\": null}"`, 'email = "^.\\*$"'])(
    "%s: a text stays a text",
    (filter) => {
      expect(typeof engine(filter)["state.email"]).toBe("string");
    },
  );
});

describe("is refused", () => {
  it.each([
    ["stauts = NEW", "FILTER_UNKNOWN_FIELD", "stauts"],
    ["constructor = 1", "FILTER_UNKNOWN_FIELD", "constructor"],
    ["state.status = NEW", "FILTER_UNKNOWN_FIELD", "state.status"],
    ["tenant = t2", "FILTER_UNKNOWN_FIELD", "tenant"],
    ["status = OPEN", "FILTER_WRONG_TYPE", "status"],
    ["status > NEW", "FILTER_COMPARATOR", "status"],
    ["vip = yes", "FILTER_WRONG_TYPE", "vip"],
    ['vip = "true"', "FILTER_WRONG_TYPE", "vip"],
    ["vip > true", "FILTER_COMPARATOR", "vip"],
    ["visits = 1.5", "FILTER_WRONG_TYPE", "visits"],
    ['visits = "1"', "FILTER_WRONG_TYPE", "visits"],
    ["visits = 2147483648", "FILTER_WRONG_TYPE", "visits"],
    ["amount = 9223372036854775808", "FILTER_WRONG_TYPE", "amount"],
    ["amount = 0x10", "FILTER_WRONG_TYPE", "amount"],
    ["score = NaN", "FILTER_WRONG_TYPE", "score"],
    ["score = 1e999", "FILTER_WRONG_TYPE", "score"],
    ["create_time > 2026-01-05", "FILTER_WRONG_TYPE", "createTime"],
    ["create_time > 2026-02-30T00:00:00Z", "FILTER_WRONG_TYPE", "createTime"],
    ["create_time > 2026-01-05T24:00:00Z", "FILTER_WRONG_TYPE", "createTime"],
    ["create_time > 2026-01-05T09:00:00", "FILTER_WRONG_TYPE", "createTime"],
    ["captured_on = 2026-02-30", "FILTER_WRONG_TYPE", "capturedOn"],
    ["captured_on = 2026-1-5", "FILTER_WRONG_TYPE", "capturedOn"],
    ["tags = vip", "FILTER_COMPARATOR", "tags"],
    ["tags:v*", "FILTER_WILDCARD", "tags"],
    ["email = a*", "FILTER_WILDCARD", "email"],
    ["nameKey > a*", "FILTER_WILDCARD", "nameKey"],
    ["nameKey = *", "FILTER_WILDCARD", "nameKey"],
    ["visits = 1*", "FILTER_WILDCARD", "visits"],
  ])("%s", (filter, reason, field) => {
    expect(problems(filter)).toEqual([[reason, field]]);
  });

  it("naming every wrong term at once", () => {
    expect(problems("stauts = NEW AND (vip = maybe OR NOT visits = many) AND status = NEW")).toEqual([
      ["FILTER_UNKNOWN_FIELD", "stauts"],
      ["FILTER_WRONG_TYPE", "vip"],
      ["FILTER_WRONG_TYPE", "visits"],
    ]);
  });
});
