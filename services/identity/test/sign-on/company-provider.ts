import Provider, { type AccountClaims } from "oidc-provider";
import { type Listening, listening } from "./listening.ts";

/** What a company's provider knows of its people, by their subject. */
export type People = Map<string, Omit<AccountClaims, "sub">>;

export type CompanyProvider = Listening & { readonly issuer: string; readonly people: People };

export const client = { id: "keynode", secret: "the secret that the provider gave out, 32 characters and more" };

/** A real OpenID Connect provider: discovery, PKCE, login and consent pages, claims of groups by a scope of its own. */
export const startCompanyProvider = async (redirectUri: string): Promise<CompanyProvider> => {
  const server = await listening();
  const people: People = new Map();
  const provider = new Provider(server.origin, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "given_name", "family_name", "locale"],
      groups: ["groups"],
    },
    scopes: ["openid", "email", "profile", "groups"],
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => Promise.resolve({ sub, ...people.get(sub) }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ["a key of the test's"] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
  });
  server.serve(provider.callback());
  return { ...server, issuer: server.origin, people };
};
