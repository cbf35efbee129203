import type { Channel } from "@grpc/grpc-js";
import type { Mint } from "@keynode/auth/minter";
import { SignOnServiceService } from "@keynode/contracts/crm/identity/v1/sign_on_service";
import { grpcClient } from "@keynode/grpc/client";
import { RpcError } from "@keynode/grpc/rpc-error";
import { runIn } from "@keynode/telemetry/span";
import { type Exchange, isRefusal, sendRefusal } from "../exchange.ts";
import { refusalOfStatus } from "../problem.ts";
import type { Endpoint } from "../transcoder/endpoint.ts";
import { decodeSegment, type PathTemplate, parsePathTemplate } from "../transcoder/path-template.ts";
import type { Admit } from "./admission.ts";
import { GATEWAY } from "./identity.ts";
import { CALLBACK_PATH, START_PATH } from "./sign-on-paths.ts";

export type SignOnRoute = { readonly template: PathTemplate; readonly endpoint: Endpoint };

export type SignOnOptions = {
  /** To the identity service. */
  readonly channel: Channel;
  /** Signs as `service:gateway`. */
  readonly mint: Mint;
  readonly admit: Admit;
  readonly deadlineMs: number;
};

const start = parsePathTemplate(START_PATH);
const callback = parsePathTemplate(CALLBACK_PATH);

/** As long as the identity service waits for a browser to come back. */
const maxAgeS = 600;

/**
 * The two pages of a sign-in with an OpenID Connect provider, which only send browsers elsewhere: what the contract's
 * transcoding cannot say. They know redirects and one cookie; the identity service knows everything else.
 */
export const createSignOnRoutes = ({ channel, mint, admit, deadlineMs }: SignOnOptions): SignOnRoute[] => {
  const identity = grpcClient(SignOnServiceService, { channel, token: () => mint(GATEWAY, "identity"), deadlineMs });

  const answering = async (exchange: Exchange, answer: () => Promise<Record<string, string>>): Promise<void> => {
    const { response, headers, locale, trace } = exchange;
    const caller = await admit(exchange, true);
    if (caller !== "anonymous" && isRefusal(caller)) {
      sendRefusal(exchange, caller);
      return;
    }
    try {
      const fields = await (trace ? runIn(trace, answer) : answer());
      response.writeHead(303, { ...headers, ...fields, "cache-control": "no-store", "content-length": "0" }).end();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      sendRefusal(
        exchange,
        refusalOfStatus(error, locale, (field) => ({ field, parameter: parameters[field] ?? field })),
      );
    }
  };

  return [
    {
      template: start,
      endpoint: {
        template: start.text,
        serve: (exchange, segments) =>
          answering(exchange, async () => {
            const identityProviderId = decodeSegment(segments[3] ?? "");
            const returnTo = new URLSearchParams(exchange.query).get("returnTo") ?? "";
            const { authorizationUrl, state, browserSecret } = await identity.startSignOn(
              { identityProviderId, returnTo },
              optionsOf(exchange),
            );
            return { location: authorizationUrl, "set-cookie": cookie(state, browserSecret, maxAgeS) };
          }),
      },
    },
    {
      template: callback,
      endpoint: {
        template: callback.text,
        serve: async (exchange) => {
          const { request, query, headers } = exchange;
          const state = new URLSearchParams(query).get("state") ?? "";
          const browserSecret = cookieValue(request.headers.cookie, cookieName(state));
          // Whatever comes of it, this was the cookie's one use.
          if (isState(state)) headers["set-cookie"] = cookie(state, "", 0);
          await answering(exchange, async () => {
            const { returnTo, code } = await identity.completeSignOn({ query, browserSecret }, optionsOf(exchange));
            // Browsers send no fragment anywhere: the code reaches the page's own script and nobody else.
            return { location: `${returnTo}#signInCode=${code}`, "referrer-policy": "no-referrer" };
          });
        },
      },
    },
  ];
};

/** What the client knows the request's fields by. */
const parameters: Readonly<Record<string, string>> = { return_to: "returnTo", identity_provider_id: "provider" };

const optionsOf = ({ locale, requestId }: Exchange) => ({ locale, requestId });

const isState = (state: string): boolean => /^[\w-]{43}$/.test(state);

/** One for each sign-in under way: two tabs do not get into each other's. */
const cookieName = (state: string): string => `__Host-keynode-sign-on-${state.slice(0, 12)}`;

/** `Lax`, since the browser comes from the provider's site; no script reads it, no other host sets it. */
const cookie = (state: string, value: string, ageS: number): string =>
  `${cookieName(state)}=${value}; Path=/; Max-Age=${ageS}; Secure; HttpOnly; SameSite=Lax`;

const cookieValue = (header: string | undefined, name: string): string => {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
};
