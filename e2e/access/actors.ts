import { randomUUID } from "node:crypto";
import type { Grants, Principal, Scope } from "@keynode/auth/principal";
import { type Api, apiOf, newEmail } from "../api.ts";

/** A user who signed in. */
export type Actor = {
  readonly userId: string;
  readonly credential: string;
  readonly api: Api;
  /** As the gateway knows the user. */
  readonly principal: Principal;
};

export type Rights = Readonly<Record<string, "OWN" | "TEAM" | "ALL">>;

type Me = {
  readonly principal: Omit<Principal, "grants" | "roles" | "teams"> & {
    readonly roles?: readonly string[];
    readonly teams?: readonly string[];
    readonly grants?: readonly { readonly permission: string; readonly scope: string }[];
    readonly sessionId?: string;
  };
  readonly tenant: { readonly key: string };
};

const scopes: Readonly<Record<string, Scope>> = { OWN: "own", TEAM: "team", ALL: "all" };

/** The caller as the gateway's internal tokens name it. */
export const principalOf = async (api: Api): Promise<Principal> => {
  const { principal } = await api.get<Me>("/v1/me");
  const { tenant, actor, policyVersion, roles = [], teams = [], grants = [], sessionId } = principal;
  const rights: Grants = Object.fromEntries(
    grants.map(({ permission, scope }) => [permission, scopes[scope] ?? "own"]),
  );
  return {
    tenant,
    actor,
    policyVersion,
    roles,
    teams,
    grants: rights,
    ...(sessionId !== undefined && { session: sessionId }),
  };
};

/** Makes a user with one role of these rights, in these teams, and signs the user in. */
export const newActor = async (
  admin: Api,
  baseUrl: string,
  rights: Rights,
  teamIds: readonly string[] = [],
): Promise<Actor> => {
  const grants = Object.entries(rights).map(([permission, scope]) => ({ permission, scope }));
  const role = await admin.post<{ id: string }>("/v1/roles", { name: `Matrix ${randomUUID()}`, grants });
  const [email, password] = [newEmail(), randomUUID()];
  const user = await admin.post<{ id: string }>("/v1/users", { name: "Li Wei", email, roleIds: [role.id], teamIds });
  await admin.post(`/v1/users/${user.id}:setPassword`, { password });
  const { tenant } = await admin.get<Me>("/v1/me");
  const { accessToken } = await apiOf({ baseUrl, apiKey: "" }).post<{ accessToken: string }>("/v1/auth:signIn", {
    tenant: tenant.key,
    email,
    password,
  });
  const api = apiOf({ baseUrl, apiKey: accessToken });
  return { userId: user.id, credential: accessToken, api, principal: await principalOf(api) };
};
