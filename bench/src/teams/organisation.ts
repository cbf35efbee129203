import { setTimeout as delay } from "node:timers/promises";
import { type Api, openApi } from "../api.ts";
import type { Installation } from "../installation.ts";
import { leadNumber } from "../rows.ts";
import { sendAll } from "../seed.ts";

/** How many there are of what a caller's reach is worked out from, and of what is listed. */
export type Organisation = { readonly teams: number; readonly users: number; readonly leads: number };

const PASSWORD = "lantern orchard 7";
const POLL_MS = 200;
/** A manager's rights are known, and all leads listed, by then. */
const SETTLE_MS = 120_000;

/**
 * Fills an installation with teams below one another, ten under each, users in them and leads of theirs; answers the
 * headers of a manager who sees what is the topmost team's and everything below it, which is all.
 */
export const organise = async (
  gateway: Installation,
  { teams, users, leads }: Organisation,
): Promise<Readonly<Record<string, string>>> => {
  const teamIds: string[] = [];
  // Parents first, level by level.
  for (let level = 1; teamIds.length < teams; level *= 10) {
    const first = teamIds.length;
    const requests = numbers(Math.min(level, teams - first)).map((index) => ({
      team: { name: `Team ${first + index}`, parentTeamId: teamIds[Math.floor((first + index - 1) / 10)] ?? "" },
    }));
    const found = await sendAll<{ team: { id: string } }>(gateway, "/v1/teams:batchCreate", requests);
    teamIds.push(...found.map(({ team }) => team.id));
  }
  const [top = ""] = teamIds;
  const people = numbers(users).map((index) => ({
    user: { name: `User ${index}`, email: `user.${index}@bench.example`, teamIds: [teamIds[index % teams]] },
  }));
  await sendAll(gateway, "/v1/users:batchCreate", people);
  const captured = numbers(leads).map((index) => ({
    lead: { ...leadNumber(`team.${index}`), teamId: teamIds[(index * 7_919) % teams] },
  }));
  await sendAll(gateway, "/v1/leads:batchCreate", captured);
  const api = await openApi(gateway.baseUrl, gateway.headers);
  const authorization = await manager(api, top);
  api.close();
  const asManager = await openApi(gateway.baseUrl, authorization);
  const untilMs = performance.now() + SETTLE_MS;
  while ((await pageOf(asManager)) === undefined) {
    if (performance.now() > untilMs) throw new Error("the manager does not see a whole page");
    await delay(POLL_MS);
  }
  asManager.close();
  return authorization;
};

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const manager = async (api: Api, teamId: string): Promise<Readonly<Record<string, string>>> => {
  const role = await api.post<{ id: string }>("/v1/roles", {
    name: "Manager",
    grants: [{ permission: "leads.read", scope: "TEAM" }],
  });
  const email = "manager@bench.example";
  const user = await api.post<{ id: string }>("/v1/users", {
    name: "Manager",
    email,
    roleIds: [role.id],
    teamIds: [teamId],
  });
  await api.post(`/v1/users/${user.id}:setPassword`, { password: PASSWORD });
  const { tenant } = await api.get<{ tenant: { key: string } }>("/v1/me");
  const { accessToken } = await api.post<{ accessToken: string }>("/v1/auth:signIn", {
    tenant: tenant.key,
    email,
    password: PASSWORD,
  });
  return { authorization: `Bearer ${accessToken}` };
};

const PAGE = 50;

/** Lists a page; undefined when it is not a whole one. */
export const pageOf = async (api: Api): Promise<number | undefined> => {
  const startedMs = performance.now();
  const { leads = [] } = await api.get<{ leads?: object[] }>(`/v1/leads?pageSize=${PAGE}`);
  return leads.length === PAGE ? performance.now() - startedMs : undefined;
};
