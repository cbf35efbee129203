import { expect, it } from "vitest";
import { openTeamTrees } from "../../src/access/team-trees.ts";

type Row = {
  readonly _id: string;
  readonly tenant: string;
  readonly parentTeamId: string;
  readonly isDeleted: boolean;
};

/** The trees over a copy that tests write, and how often it was read. */
const open = (...rows: Row[]) => {
  const clock = { ms: 0 };
  let reads = 0;
  const find = ({ tenant }: { tenant: string }) => ({
    toArray: async () => {
      reads += 1;
      return rows.filter((row) => row.tenant === tenant);
    },
  });
  const copy = { tables: () => ({ teams: { find } }) } as unknown as Parameters<typeof openTeamTrees>[0];
  const trees = openTeamTrees(copy, () => clock.ms);
  const sees = async (tenant: string, teamId: string) => (await trees.of(tenant)).subtree(["top"]).includes(teamId);
  return { rows, clock, trees, sees, reads: () => reads };
};
const team = (_id: string, parentTeamId: string, tenant = "acme"): Row => ({
  _id,
  tenant,
  parentTeamId,
  isDeleted: false,
});

it("a right that went with a team is gone once its move was heard, and while the copy lags it is looked for again", async () => {
  const { rows, clock, trees, sees } = open(team("top", ""), team("east", "top"));
  expect(await sees("acme", "east")).toBe(true);
  trees.moved("acme");
  expect(await sees("acme", "east")).toBe(true);
  rows[1] = team("east", "");
  clock.ms = 100;
  expect(await sees("acme", "east")).toBe(false);
});

it("a move of which nothing is heard takes the right away within a minute", async () => {
  const { rows, clock, sees, reads } = open(team("top", ""), team("east", "top"));
  expect(await sees("acme", "east")).toBe(true);
  rows[1] = team("east", "");
  clock.ms = 59_999;
  expect(await sees("acme", "east")).toBe(true);
  expect(reads()).toBe(1);
  clock.ms = 60_000;
  expect(await sees("acme", "east")).toBe(false);
});

it("nothing is believed any more once the connection to the bus was away", async () => {
  const { rows, trees, sees } = open(team("top", ""), team("east", "top"));
  expect(await sees("acme", "east")).toBe(true);
  rows[1] = team("east", "");
  trees.forget();
  expect(await sees("acme", "east")).toBe(false);
});

it("one tenant's tree is never another's, whatever the teams are called", async () => {
  const { sees } = open(team("top", ""), team("east", "top"), team("top", "", "other"));
  expect(await sees("acme", "east")).toBe(true);
  expect(await sees("other", "east")).toBe(false);
});
