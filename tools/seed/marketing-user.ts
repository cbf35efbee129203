import { z } from "zod";
import { ApiError, type ApiOptions, openApi } from "./api-client.ts";

/** How the second user signs in. */
export type SignIn = { readonly tenant: string; readonly email: string; readonly password: string };

const role = "Marketing";

const rolesSchema = z.object({ roles: z.array(z.object({ id: z.string(), name: z.string() })).default([]) });
const usersSchema = z.object({ users: z.array(z.object({ id: z.string() })).default([]) });
const userSchema = z.object({ id: z.string() });

/**
 * Makes a user with the role Marketing, who sees neither contracts nor how to reach a customer. A repeat makes nothing
 * twice, and gives a user who is there but cannot sign in the password again.
 */
export const addMarketingUser = async (options: ApiOptions, signIn: SignIn): Promise<void> => {
  const api = openApi(options);
  if (await canSignIn(api, signIn)) return;
  const { email, password } = signIn;
  const { roles } = rolesSchema.parse(await api.get("/v1/roles?pageSize=100"));
  const roleIds = roles.filter(({ name }) => name === role).map(({ id }) => id);
  if (roleIds.length === 0) throw new Error(`the tenant has no role ${role}`);
  const query = new URLSearchParams({ filter: `email = ${JSON.stringify(email)}`, pageSize: "1" });
  const { users } = usersSchema.parse(await api.get(`/v1/users?${query.toString()}`));
  const { id } = users[0] ?? userSchema.parse(await api.post("/v1/users", { name: "Mei Lin", email, roleIds }, email));
  await api.post(`/v1/users/${id}:setPassword`, { password }, `${id}/password/${Date.now()}`);
};

const canSignIn = async (api: ReturnType<typeof openApi>, signIn: SignIn): Promise<boolean> => {
  try {
    await api.post("/v1/auth:signIn", signIn, `sign-in/${Date.now()}`);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
};
