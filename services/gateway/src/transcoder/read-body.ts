import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Exchange } from "../exchange.ts";
import { type Refusal, refuse } from "../problem.ts";
import { isSyntaxError, parseJson } from "./codec/json-text.ts";
import { type Body, takesRawBody } from "./request-message.ts";
import type { Route } from "./routes.ts";

const JSON_TYPE = "application/json";
const OCTETS = "application/octet-stream";

/** The body that a route asks for; undefined when none was sent. */
export const readBody = async (route: Route, exchange: Exchange): Promise<Body | Refusal | undefined> => {
  const { request } = exchange;
  if (route.body === undefined || !hasBody(request)) return undefined;
  const isRaw = takesRawBody(route);
  const data = await readData(exchange, { limitBytes: route.maxBodyBytes, isRaw });
  if (!Buffer.isBuffer(data)) return data;
  if (!isRaw) return data.length === 0 ? undefined : jsonBody(data, exchange);
  const raw = { kind: "raw", contentType: request.headers["content-type"] ?? OCTETS, data } as const;
  if (route.rules.dialect !== "SCIM") return { ...raw, violations: [] };
  // SCIM's bodies are JSON whatever they are called. What is none at all the service refuses, in SCIM's word for it.
  if (!isUtf8(data)) return refuse("INVALID_ENCODING", exchange.locale);
  const parsed = parseJson(data.toString());
  return { ...raw, violations: isSyntaxError(parsed) ? [] : parsed.violations };
};

/** A body that is JSON, wherever it is for; undefined when none was sent. */
export const readJsonBody = async (exchange: Exchange, limitBytes: number): Promise<JsonBody | Refusal | undefined> => {
  if (!hasBody(exchange.request)) return undefined;
  const data = await readData(exchange, { limitBytes, isRaw: false });
  if (!Buffer.isBuffer(data)) return data;
  return data.length === 0 ? undefined : jsonBody(data, exchange);
};

type JsonBody = Extract<Body, { kind: "json" }>;

const readData = async (
  { request, response, locale }: Exchange,
  { limitBytes: limit, isRaw }: { readonly limitBytes: number; readonly isRaw: boolean },
): Promise<Buffer | Refusal> => {
  const type = contentType(request);
  const isEncoded =
    request.headers["content-encoding"] !== undefined && request.headers["content-encoding"] !== "identity";
  if (isEncoded || (!isRaw && type !== JSON_TYPE)) {
    const accept = isRaw ? "*/*" : JSON_TYPE;
    return refuse("UNSUPPORTED_MEDIA_TYPE", locale, {
      metadata: { accept },
      headers: { accept, "accept-encoding": "identity" },
    });
  }
  const announced = Number(request.headers["content-length"] ?? 0);
  const expectsContinue = request.headers.expect?.toLowerCase() === "100-continue";
  if (announced <= limit && expectsContinue) response.writeContinue();
  const data = announced > limit ? "tooLarge" : await collect(request, limit);
  if (data === "tooLarge") return refuse("BODY_TOO_LARGE", locale, { metadata: { limitBytes: String(limit) } });
  return data === "incomplete" ? refuse("BODY_INCOMPLETE", locale) : data;
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";

/** JSON without a charset, or with the only one that JSON has. */
const contentType = ({ headers }: IncomingMessage): string => {
  const given = headers["content-type"];
  if (given === undefined || given === JSON_TYPE) return given ?? "";
  const [type = "", ...parameters] = given
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset) ? type : given;
};

const collect = (request: IncomingMessage, limit: number): Promise<Buffer | "tooLarge" | "incomplete"> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (outcome: Buffer | "tooLarge" | "incomplete"): void => {
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) settle("tooLarge");
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    const onClose = (): void => settle("incomplete");
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });

const jsonBody = (data: Buffer, { locale }: Exchange): JsonBody | Refusal => {
  if (!isUtf8(data)) return refuse("INVALID_ENCODING", locale);
  const parsed = parseJson(data.toString());
  return isSyntaxError(parsed)
    ? refuse("INVALID_JSON", locale, { metadata: { offset: String(parsed.offset) } })
    : { kind: "json", ...parsed };
};
