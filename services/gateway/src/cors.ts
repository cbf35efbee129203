import type { AllowedOrigin } from "./origins.ts";

/** Who may read answers from pages of other origins (Fetch §3.2). */
export type Cors = {
  /** Fields of every answer to a request that came from this origin. */
  readonly fieldsFor: (origin: string | undefined) => Readonly<Record<string, string>>;
  /** Fields of the answer to a browser that asks before it sends; undefined when it may not. */
  readonly preflightFor: (origin: string | undefined, methods: string) => Readonly<Record<string, string>> | undefined;
  /** False for a page of an origin that is in no list; a client that is no page names none. */
  readonly isAllowed: (origin: string | undefined) => boolean;
  /** False when the origin is allowed for other tenants only. */
  readonly isOpenTo: (origin: string | undefined, tenant: string) => boolean;
};

/** What a page may send beyond what any form may. */
const REQUEST_FIELDS = [
  "Accept-Language",
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Keynode-Consistency",
  "Keynode-Mcp-Mode",
  "Keynode-Validate-Only",
  "Last-Event-ID",
  "Mcp-Method",
  "Mcp-Name",
  "Mcp-Protocol-Version",
  "Prefer",
  "Traceparent",
  "X-Request-Id",
].join(", ");

/** What a page may read of an answer's head. */
const ANSWER_FIELDS = [
  "Allow",
  "Content-Language",
  "Deprecation",
  "ETag",
  "Keynode-Consistency",
  "Link",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Sunset",
  "WWW-Authenticate",
  "X-Request-Id",
].join(", ");

/** Browsers keep a permission this long, so that a withdrawn one is soon gone. */
const MAX_AGE_S = 600;

/** Without an origin in the list there is no field at all: browsers then keep other origins out. Cookies are never asked for. */
export const createCors = (allowed: readonly AllowedOrigin[]): Cors => {
  const tenants = new Map<string, Set<string> | "all">();
  for (const { origin, tenant } of allowed) {
    const known = tenants.get(origin);
    if (tenant === undefined) tenants.set(origin, "all");
    else if (known !== "all") tenants.set(origin, (known ?? new Set()).add(tenant));
  }
  const isOff = tenants.size === 0;
  const none = isOff ? {} : { vary: "Origin" };

  return {
    fieldsFor: (origin) =>
      isOff || origin === undefined || !tenants.has(origin)
        ? none
        : {
            vary: "Origin",
            "access-control-allow-origin": origin,
            "access-control-expose-headers": ANSWER_FIELDS,
          },
    preflightFor: (origin, methods) =>
      origin === undefined || !tenants.has(origin)
        ? undefined
        : {
            "access-control-allow-methods": methods,
            "access-control-allow-headers": REQUEST_FIELDS,
            "access-control-max-age": String(MAX_AGE_S),
          },
    isAllowed: (origin) => origin === undefined || tenants.has(origin),
    isOpenTo: (origin, tenant) => {
      const known = origin === undefined ? undefined : tenants.get(origin);
      return known === undefined || known === "all" || known.has(tenant);
    },
  };
};
