import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { PROBLEM_TYPE } from "./problem.ts";

export type HttpServer = {
  readonly port: number;
  /** Takes no new connections, lets requests in flight finish, and after `limitMs` cuts off what is left. */
  readonly drain: (limitMs: number) => Promise<void>;
};

const OPTIONS = {
  /** A proxy in front commonly keeps idle connections for 60 s: we must not be the first to hang up. */
  keepAliveTimeout: 65_000,
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  /** Bytes, the URL among them: a filter and a page token of 2,048 characters each, percent-encoded, must fit. */
  maxHeaderSize: 64 * 1024,
};

/** Listens; port 0 lets the system choose. */
export const startHttpServer = async (listener: RequestListener, host: string, port: number): Promise<HttpServer> => {
  const server = createServer(OPTIONS, listener);
  // The listener says "continue" itself, once it has let the request in and seen how large it is.
  server.on("checkContinue", listener);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseUnparsed(error, socket));
  return { port: await listen(server, host, port), drain: (limitMs) => drain(server, limitMs) };
};

/** What Node's parser gives up on, before there is a request that could be answered. */
const UNPARSED: Readonly<Record<string, { status: number; code: string; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: "HEADERS_TOO_LARGE", detail: "The header fields are too large." },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "REQUEST_TIMEOUT", detail: "The request took too long to arrive." },
};
const MALFORMED = { status: 400, code: "MALFORMED_HTTP", detail: "The request is not HTTP/1.1." };

const refuseUnparsed = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, detail } = UNPARSED[error.code ?? ""] ?? MALFORMED;
  const title = STATUS_CODES[status] ?? "";
  const body = JSON.stringify({ type: `/problems/${code}`, title, status, detail, instance: "", code, requestId: "" });
  const fields = [`content-type: ${PROBLEM_TYPE}`, `content-length: ${Buffer.byteLength(body)}`, "connection: close"];
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${fields.join("\r\n")}\r\n\r\n${body}`);
};

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });

const IDLE_CHECK_MS = 50;

/** Connections are closed as they become idle. */
const drain = (server: Server, limitMs: number): Promise<void> =>
  new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    const limit = setTimeout(() => server.closeAllConnections(), limitMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(limit);
      resolve();
    });
  });
