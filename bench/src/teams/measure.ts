import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { choosePort } from "@keynode/engines/port";
import { type Api, openApi } from "../api.ts";
import { type Installation, startInstallation } from "../installation.ts";
import { quantile, ratios, summary, type Summary } from "../statistics.ts";
import { organise, type Organisation, pageOf } from "./organisation.ts";

/** As many leads in both: only who may see them differs. */
const LEADS = 5_000;
const SMALL: Organisation = { teams: 3, users: 20, leads: LEADS };
const LARGE: Organisation = { teams: 1_000, users: 10_000, leads: LEADS };

export type TeamsPace = { readonly rounds: number; readonly pages: number };

/** The p95 of a round's pages in milliseconds, and the large organisation's against the small one's. */
export type TeamsFindings = { readonly small: Summary; readonly large: Summary; readonly ratio: Summary };

/**
 * How long a page of leads takes a manager who sees all teams, in an organisation of 1,000 teams and 10,000 users and in a
 * small one: two installations at the same time, asked in turns, so that what slows one down slows both.
 */
export const measureTeams = async (
  { rounds, pages }: TeamsPace,
  say: (line: string) => void,
): Promise<TeamsFindings> => {
  const homes: string[] = [];
  const installations: Installation[] = [];
  const opened: Api[] = [];
  const filled = async (organisation: Organisation): Promise<() => Promise<Api>> => {
    const home = mkdtempSync(path.join(os.tmpdir(), "keynode-teams-"));
    homes.push(home);
    const installation = await startInstallation({
      home,
      httpPort: await choosePort({}),
      mongodbPort: await choosePort({}),
    });
    installations.push(installation);
    say(`filling an organisation of ${organisation.teams} teams and ${organisation.users} users`);
    const headers = await organise(installation, organisation);
    // A connection that asks for nothing while the other one is filled would be closed.
    return async () => {
      const api = await openApi(installation.baseUrl, headers);
      opened.push(api);
      return api;
    };
  };
  try {
    const ready = [await filled(SMALL), await filled(LARGE)] as const;
    const [small, large] = await Promise.all([ready[0](), ready[1]()]);
    const times = { small: [] as number[], large: [] as number[] };
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const taken = { small: [] as number[], large: [] as number[] };
      for (let page = 0; page < pages; page += 1) {
        const turns = [["small", small] as const, ["large", large] as const];
        for (const [name, api] of page % 2 === 0 ? turns : turns.toReversed()) {
          const tookMs = await pageOf(api);
          if (tookMs === undefined) throw new Error("no whole page");
          taken[name].push(tookMs);
        }
      }
      if (round === 0) continue;
      times.small.push(quantile(taken.small, 0.95));
      times.large.push(quantile(taken.large, 0.95));
    }
    return { small: summary(times.small), large: summary(times.large), ratio: ratios(times.large, times.small) };
  } finally {
    for (const api of opened) api.close();
    for (const installation of installations) await installation.stop();
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  }
};

const spread = ({ median, least, most }: Summary): string =>
  `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;

/** The findings as people read them. */
export const teamsTable = ({ small, large, ratio }: TeamsFindings): string =>
  [
    "p95 of a page of 50 leads for a manager of all teams, median of the rounds (least to most)",
    `${SMALL.teams} teams, ${SMALL.users} users: ${spread(small)} ms`,
    `${LARGE.teams} teams, ${LARGE.users} users: ${spread(large)} ms`,
    `ratio: ${spread(ratio)}`,
  ].join("\n");
