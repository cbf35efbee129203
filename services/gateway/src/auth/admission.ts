import type { Principal } from "@keynode/auth/principal";
import { runIn } from "@keynode/telemetry/span";
import type { Cors } from "../cors.ts";
import type { Exchange } from "../exchange.ts";
import { type Refusal, refuse } from "../problem.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Counted, RateLimiter } from "./rate-limiter.ts";

/** Who a request is let in as; a public method has no caller. */
export type Caller = {
  readonly credential: string;
  readonly principal: Principal;
};

/** Lets a request in, or refuses it: UNAUTHENTICATED, ADDRESS_NOT_ALLOWED, RATE_LIMITED, AUTHENTICATION_UNAVAILABLE. */
export type Admit = (exchange: Exchange, isPublic: boolean) => Promise<Caller | "anonymous" | Refusal>;

export type AdmissionOptions = {
  readonly authenticator: Authenticator;
  readonly limiter: RateLimiter;
  readonly cors: Cors;
};

/** RFC 6750 §2.1; the scheme is case-insensitive. */
const BEARER = /^bearer +([\w.~+/-]+=*)$/i;
const MAX_CREDENTIAL_LENGTH = 8_192;

export const createAdmission = ({ authenticator, limiter, cors }: AdmissionOptions): Admit => {
  const callerPolicies = limiter.policies(["key", "tenant"]);
  const addressPolicies = limiter.policies(["address"]);

  const count = (exchange: Exchange, counted: readonly Counted[], policies: string): Refusal | undefined => {
    const { isAllowed, retryAfterS, rateLimit } = limiter.take(counted);
    const { headers, locale } = exchange;
    headers["ratelimit-policy"] = policies;
    headers["ratelimit"] = rateLimit;
    if (isAllowed) return undefined;
    const seconds = String(retryAfterS);
    return refuse("RATE_LIMITED", locale, {
      metadata: { retryAfterS: seconds },
      headers: { "retry-after": seconds },
    });
  };

  const countAddress = (exchange: Exchange): Refusal | undefined =>
    count(exchange, [{ policy: "address", name: exchange.request.ip ?? "" }], addressPolicies);

  return async (exchange, isPublic) => {
    if (isPublic) return countAddress(exchange) ?? "anonymous";
    const { locale, request } = exchange;
    const credential = BEARER.exec(request.headers.authorization ?? "")?.[1];
    if (credential === undefined || credential.length > MAX_CREDENTIAL_LENGTH) {
      return countAddress(exchange) ?? refuse("UNAUTHENTICATED", locale);
    }
    const known = authenticator.recall(credential);
    // Guessing is slowed down by where the guesses come from, before anyone is asked about them.
    const limited = known?.kind === "principal" ? undefined : countAddress(exchange);
    if (limited) return limited;
    const authentication = known ?? (await inTrace(exchange, () => authenticator.ask(credential)));
    switch (authentication.kind) {
      case "unavailable":
        return refuse("AUTHENTICATION_UNAVAILABLE", locale);
      case "refused":
        return refuse("UNAUTHENTICATED", locale);
      case "principal": {
        const { principal, networks } = authentication;
        exchange.tenant = principal.tenant;
        exchange.actor = principal.actor;
        if (networks?.has(request.ip) === false) return refuse("ADDRESS_NOT_ALLOWED", locale);
        if (!cors.isOpenTo(request.headers.origin, principal.tenant)) {
          delete exchange.headers["access-control-allow-origin"];
        }
        const counted = [
          { policy: "key", name: principal.actor },
          { policy: "tenant", name: principal.tenant, member: principal.actor },
        ];
        return count(exchange, counted, callerPolicies) ?? { credential, principal };
      }
    }
  };
};

const inTrace = <Result>({ trace }: Exchange, run: () => Result): Result => (trace ? runIn(trace, run) : run());
