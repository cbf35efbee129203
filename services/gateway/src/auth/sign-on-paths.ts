/** Where browsers go to be sent to an identity provider, and where it sends them back to. */
export const START_PATH = "/v1/auth/oidc/{provider}/start";
export const CALLBACK_PATH = "/v1/auth/oidc/callback";
