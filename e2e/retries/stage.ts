import { randomUUID } from "node:crypto";
import { type Api, apiOf, eventually, newEmail } from "../api.ts";
import type { Holder } from "../access/specimens.ts";

type User = { readonly userId: string; readonly email: string; readonly password: string };

/** A tenant in which every write is tried once. */
export type Stage = {
  /** As the administrator. */
  readonly api: Api;
  readonly tenantId: string;
  readonly tenantKey: string;
  readonly holder: Holder;
  /** A user to hand records to, in the holder's team. */
  readonly helperId: string;
  /** A role that may do nothing. */
  readonly roleId: string;
  /** A further user, with a password and every right. */
  makeUser(): Promise<User>;
  /** The same, signed in. */
  signIn(): Promise<User & { readonly api: Api; readonly sessionId: string; readonly refreshToken: string }>;
  /** A user who was invited, and the token by which the user chooses a password. */
  invite(): Promise<{ readonly userId: string; readonly token: string }>;
};

type Me = {
  readonly principal: { readonly actor: string; readonly sessionId?: string };
  readonly tenant: { readonly id: string; readonly key: string };
};
type Made = { readonly id: string };

export const setStage = async (api: Api, baseUrl: string): Promise<Stage> => {
  const anonymous = apiOf({ baseUrl, apiKey: "" });
  const { principal, tenant } = await api.get<Me>("/v1/me");
  const [role, all, team] = await Promise.all([
    api.post<Made>("/v1/roles", { name: "Nothing", grants: [] }),
    api.post<Made>("/v1/roles", { name: "Everything", grants: [{ permission: "*", scope: "ALL" }] }),
    api.post<Made>("/v1/teams", { name: "North" }),
  ]);

  const makeUser = async (): Promise<User> => {
    const [email, password] = [newEmail(), randomUUID()];
    const { id } = await api.post<Made>("/v1/users", { name: "Li Wei", email, roleIds: [all.id], teamIds: [team.id] });
    await api.post(`/v1/users/${id}:setPassword`, { password });
    return { userId: id, email, password };
  };

  return {
    api,
    tenantId: tenant.id,
    tenantKey: tenant.key,
    holder: { ownerId: principal.actor, teamId: team.id },
    helperId: (await makeUser()).userId,
    roleId: role.id,
    makeUser,
    signIn: async () => {
      const user = await makeUser();
      const { accessToken, refreshToken } = await anonymous.post<Record<"accessToken" | "refreshToken", string>>(
        "/v1/auth:signIn",
        { tenant: tenant.key, email: user.email, password: user.password },
      );
      const own = apiOf({ baseUrl, apiKey: accessToken });
      const me = await own.get<Me>("/v1/me");
      return { ...user, api: own, refreshToken, sessionId: me.principal.sessionId ?? "" };
    },
    invite: async () => {
      const user = { name: "Li Wei", email: newEmail(), roleIds: [] };
      const { id } = await api.post<Made>("/v1/users:invite", user);
      let token: string | undefined;
      await eventually(
        async () => {
          const { mails = [] } = await api.get<{ mails?: readonly { to: string; text: string }[] }>("/v1/mails");
          token = /#token=(\S+)/.exec(mails.find(({ to }) => to === user.email)?.text ?? "")?.[1];
          return token;
        },
        (found) => {
          if (found === undefined) throw new Error("no mail has come");
        },
      );
      return { userId: id, token: token ?? "" };
    },
  };
};
