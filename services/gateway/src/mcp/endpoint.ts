import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  createMcpHandler,
  isLegacyRequest,
  ProtocolErrorCode,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Logger } from "@keynode/telemetry/logger";
import { type Exchange, isRefusal, sendRefusal } from "../exchange.ts";
import { preferredType } from "../transcoder/accept.ts";
import { JSON_TYPE } from "../transcoder/answer.ts";
import { compressed, encodingFor } from "../transcoder/compression.ts";
import type { Endpoint } from "../transcoder/endpoint.ts";
import { readJsonBody } from "../transcoder/read-body.ts";
import { EVENT_STREAM } from "../transcoder/stream-framing.ts";
import { admitVisit, type ConnectionOptions } from "./connection.ts";
import { isFault, type JsonRpcFault, type Messages, readMessages } from "./messages.ts";
import type { Visit } from "./method-call.ts";
import { MCP_PATH } from "./protected-resource.ts";
import type { McpFace } from "./server.ts";

export type McpEndpointOptions = ConnectionOptions & {
  readonly face: McpFace;
  readonly log: Logger;
};

const MIB = 1024 * 1024;
/** Bodies that are no JSON are the protocol's to refuse; everything else about a body is HTTP's. */
const PARSE_REASONS: ReadonlySet<string> = new Set(["INVALID_JSON", "INVALID_ENCODING"]);

/**
 * The Model Context Protocol over streamable HTTP. Every request brings everything along and is answered by itself, so
 * that it does not matter which gateway answers: there are no sessions, and no stream that outlasts its request.
 */
export const createMcpEndpoint = (options: McpEndpointOptions): Endpoint => {
  const { face, log } = options;

  const answer = async (visit: Visit, messages: Messages): Promise<Response> => {
    const { exchange } = visit;
    const server = face(visit, messages);
    const report = (error: Error): void => log.debug({ err: error, requestId: exchange.requestId }, "mcp");
    const request = webRequest(exchange);
    const isStreamed = preferredType(exchange.request.headers.accept, [JSON_TYPE, EVENT_STREAM]) === EVENT_STREAM;
    if (!(await isLegacyRequest(request, messages.body))) {
      const handler = createMcpHandler(() => server, {
        legacy: "reject",
        // Nothing is ever announced, so there is nothing to listen to.
        maxSubscriptions: 0,
        onerror: report,
        ...(isStreamed && { responseMode: "sse" }),
      });
      return await handler.fetch(request, { parsedBody: messages.body });
    }
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !isStreamed });
    server.onerror = report;
    await server.connect(transport);
    exchange.response.once("close", () => void server.close());
    return await transport.handleRequest(request, { parsedBody: messages.body });
  };

  return {
    template: MCP_PATH,
    serve: async (exchange) => {
      const visit = await admitVisit(exchange, options);
      if (isRefusal(visit)) return sendRefusal(exchange, visit);
      const read = await readJsonBody(exchange, MIB);
      if (read && isRefusal(read)) {
        if (!PARSE_REASONS.has(read.reason)) return sendRefusal(exchange, read);
        return await deliver(exchange, faultAnswer({ code: ProtocolErrorCode.ParseError, message: read.detail }));
      }
      const { value, violations } = read ?? { value: null, violations: [] };
      const version = exchange.request.headers["mcp-protocol-version"];
      const messages = readMessages(value, violations, typeof version === "string" ? version : undefined);
      if (isFault(messages)) return await deliver(exchange, faultAnswer(messages));
      // A batch is as many requests as it has messages; the first was counted when the caller was let in.
      for (let counted = 1; counted < messages.count; counted += 1) {
        const caller = await options.admit(exchange, false);
        if (caller !== "anonymous" && isRefusal(caller)) return sendRefusal(exchange, caller);
      }
      await deliver(exchange, await answer(visit, messages));
    },
  };
};

/** The request as the protocol's library reads it: its head, and whether its client is still there. */
const webRequest = ({ request, path, cancels }: Exchange): Request => {
  const gone = new AbortController();
  cancels.add(() => gone.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return new Request(new URL(path, "http://localhost"), { method: "POST", headers, signal: gone.signal });
};

const faultAnswer = (error: JsonRpcFault): Response =>
  Response.json({ jsonrpc: "2.0", id: null, error }, { status: 400 });

/** Writes the library's answer with the header fields of every answer of ours. */
const deliver = async ({ request, response, headers }: Exchange, answer: Response): Promise<void> => {
  const fields: Record<string, string> = {
    ...headers,
    ...Object.fromEntries(answer.headers),
    "cache-control": "no-store",
  };
  const type = fields["content-type"] ?? "";
  if (answer.body === null || response.destroyed) {
    response.writeHead(answer.status, fields).end();
  } else if (type.startsWith(EVENT_STREAM)) {
    response.writeHead(answer.status, fields);
    // Whoever hangs up early ends the stream, which is no fault of ours.
    await pipeline(Readable.fromWeb(answer.body), response).catch(() => undefined);
  } else {
    const body = Buffer.from(await answer.arrayBuffer());
    const encoding = encodingFor(request.headers["accept-encoding"], type, body.length);
    if (encoding !== undefined) fields["content-encoding"] = encoding;
    const packed = encoding === undefined ? body : await compressed(body, encoding);
    response.writeHead(answer.status, { ...fields, "content-length": String(packed.length) }).end(packed);
  }
};
