import { type Exchange, isRefusal } from "../exchange.ts";
import { type FieldError, type Refusal, refuse } from "../problem.ts";
import type { EndpointTools } from "../transcoder/endpoint.ts";
import { readCallHeaders } from "../transcoder/call-headers.ts";
import type { Cors } from "../cors.ts";
import { violationMessage } from "../violation.ts";
import type { Visit } from "./method-call.ts";
import { challengeOf } from "./protected-resource.ts";

/** What agents may do on a connection. */
export const MODES = ["read", "write"] as const;
export type Mode = (typeof MODES)[number];

/** The header that says what a connection is for, where its address cannot. */
const MODE_HEADER = "keynode-mcp-mode";

/** Protocol requests change nothing by themselves: what a call may change is its own method's matter. */
const CALL = { rules: { effect: "READ" } } as const;

export type ConnectionOptions = Pick<EndpointTools, "admit" | "deadlineMs"> & {
  readonly cors: Cors;
  /** What the operator lets agents do here. */
  readonly mode: Mode;
};

/**
 * Lets an agent's request in: the same credentials, limits and headers as anywhere, and the Origin of pages is looked at
 * first, as the transport demands (DNS rebinding makes a page's own address no proof).
 */
export const admitVisit = async (
  exchange: Exchange,
  { admit, deadlineMs, cors, mode }: ConnectionOptions,
): Promise<Visit | Refusal> => {
  const { request, locale } = exchange;
  const { origin } = request.headers;
  if (!cors.isAllowed(origin)) return refuse("ORIGIN_NOT_ALLOWED", locale);
  const caller = await admit(exchange, false);
  if (caller === "anonymous") throw new Error("a request without a caller was let in");
  if (isRefusal(caller)) {
    return caller.status === 401
      ? { ...caller, headers: { ...caller.headers, "www-authenticate": challengeOf(exchange) } }
      : caller;
  }
  if (!cors.isOpenTo(origin, caller.principal.tenant)) return refuse("ORIGIN_NOT_ALLOWED", locale);
  const asked = modesOf(exchange);
  if (isRefusal(asked)) return asked;
  const headers = readCallHeaders(CALL, exchange);
  if (isRefusal(headers)) return headers;
  const limitMs = Math.min(headers.waitMs ?? deadlineMs, deadlineMs);
  return {
    exchange,
    caller,
    forwarded: headers.forwarded,
    deadlineMs: Date.now() + limitMs,
    isReadOnly: [mode, ...asked.modes].includes("read"),
  };
};

const isMode = (text: string): text is Mode => MODES.some((mode) => mode === text);

const modesOf = ({ request, query, locale }: Exchange): { readonly modes: readonly Mode[] } | Refusal => {
  const modes: Mode[] = [];
  const errors: FieldError[] = [];
  const read = (text: string, place: Pick<FieldError, "parameter" | "header">): void => {
    if (isMode(text)) modes.push(text);
    else
      errors.push({
        ...place,
        code: "EXPECTED_ENUM",
        message: violationMessage({ path: [], code: "EXPECTED_ENUM", params: { values: MODES.join(", ") } }, locale),
      });
  };
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "mode") read(value, { parameter: "mode" });
    else
      errors.push({
        parameter: name,
        code: "UNKNOWN_FIELD",
        message: violationMessage({ path: [], code: "UNKNOWN_FIELD" }, locale),
      });
  }
  const header = request.headers[MODE_HEADER];
  if (typeof header === "string") read(header, { header: "Keynode-Mcp-Mode" });
  return errors.length > 0 ? refuse("INVALID_REQUEST", locale, { errors }) : { modes };
};
