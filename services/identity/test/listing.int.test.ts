import { newId } from "@keynode/aggregate/type-id";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { ListUsersRequest, UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { isDomainError } from "@keynode/decider/domain-error";
import type { AggregateDocument } from "@keynode/messaging/entry";
import { assertServed } from "@keynode/query/assert-served";
import { planList } from "@keynode/query/list-plan";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { apiKeyListing } from "../src/api/api-key-list.ts";
import { roleListing } from "../src/api/role-list.ts";
import { teamListing } from "../src/api/team-list.ts";
import { userListing } from "../src/api/user-list.ts";
import type { UserState } from "../src/domain/user/state.ts";
import { identityService } from "../src/service.ts";
import { required, stranger } from "./start.ts";

const admin = stranger();
const teamIds = Array.from({ length: 20 }, () => newId("team"));
let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startForTest(identityService, required);
  const users = under.db.collection<AggregateDocument<UserState>>("users");
  const from = Date.now() - 10_000;
  await users.insertMany(Array.from({ length: 10_000 }, (_, index) => document(index, new Date(from + index))));
});

const document = (index: number, createTime: Date): AggregateDocument<UserState> => {
  const id = newId("user");
  const teamId = teamIds[index % teamIds.length] ?? "";
  const user = User.fromPartial({ id, ownerId: id, teamId, teamIds: [teamId], name: `N${index}`, active: true });
  const state = { ...user, email: `n${index}@demo.example`, nameKey: `n${index}`, createTime, updateTime: createTime };
  return { _id: id, tenant: admin.tenant, version: 1, state, outbox: [] };
};

const visibilities = [
  { kind: "all" },
  { kind: "own", ownerId: admin.actor },
  { kind: "team", ownerId: admin.actor, teamIds: teamIds.slice(0, 3) },
] as const;

describe("a list", () => {
  it.each([
    [
      "users",
      userListing,
      ["active = true", 'email = "a@b.example"', 'externalKey = "k"', 'teamIds:"t"', 'roleIds:"r"'],
    ],
    ["teams", teamListing, ['region = "East"', 'externalKey = "k"', 'parentTeamId = "t"']],
    ["roles", roleListing, ["builtIn = true"]],
    ["apiKeys", apiKeyListing, ["name = 'website'", 'prefix = "kn_"', 'roleIds:"r"']],
  ] as const)("of %s is served in order by an index, whoever asks", async (collection, listing, filters) => {
    for (const filter of ["", ...filters]) {
      for (const visibility of visibilities) {
        const plan = planList(listing, { tenant: admin.tenant, visibility, filter });
        if (isDomainError(plan)) throw new Error(`${filter}: ${plan.reason}`);
        await assertServed(under.db.collection<AggregateDocument<object>>(collection), plan);
      }
    }
  });
  it("of ten thousand users is paged to its end, newest first, each user once", async () => {
    const users = under.client(UserServiceService, admin);
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await users.listUsers(ListUsersRequest.fromPartial({ pageSize: 1000, pageToken }));
      seen.push(...page.users.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => `N${9_999 - index}`));
  });
});
