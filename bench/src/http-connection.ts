import { connect, type Socket } from "node:net";

export type HttpRequest = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
};

export type HttpReply = {
  readonly status: number;
  /** As sent, with its quotes. */
  readonly etag: string;
  readonly body: Buffer;
};

export type HttpConnection = {
  /** One request at a time. Rejects when the connection breaks or the answer has no length. */
  readonly send: (request: HttpRequest) => Promise<HttpReply>;
  readonly close: () => void;
};

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/**
 * A kept-alive HTTP/1.1 connection that does no more than a measurement needs: the load comes from the machine that is
 * measured, so what a request costs here is taken from everybody. `headers` go with every request.
 */
export const openConnection = (
  baseUrl: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpConnection> => {
  const { hostname, port, host } = new URL(baseUrl);
  const common = Object.entries({ host, ...headers })
    .map(headerLine)
    .join("");
  return new Promise((opened, failed) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      opened(connectionOn(socket, common));
    });
  });
};

const headerLine = ([name, value]: readonly [string, string]): string => `${name}: ${value}\r\n`;

const connectionOn = (socket: Socket, common: string): HttpConnection => {
  let waiting: PromiseWithResolvers<HttpReply> | undefined;
  let received: Buffer = Buffer.alloc(0);
  let broken: Error | undefined;

  const settle = (reply: HttpReply | Error): void => {
    const { resolve, reject } = waiting ?? {};
    waiting = undefined;
    received = Buffer.alloc(0);
    if (reply instanceof Error) reject?.(reply);
    else resolve?.(reply);
  };
  const breakWith = (error: Error): void => {
    broken ??= error;
    settle(broken);
    socket.destroy();
  };

  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const reply = replyOf(received);
    if (reply instanceof Error) breakWith(reply);
    else if (reply !== undefined) settle(reply);
  });
  socket.on("error", breakWith);
  socket.on("close", () => breakWith(new Error("the server closed the connection")));

  return {
    send: ({ method, path, headers = {}, body }) => {
      if (broken) return Promise.reject(broken);
      waiting = Promise.withResolvers();
      const text = body === undefined ? "" : JSON.stringify(body);
      const described =
        body === undefined ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
      const own = Object.entries(headers).map(headerLine).join("");
      socket.write(`${method} ${path} HTTP/1.1\r\n${common}${own}${described}\r\n${text}`);
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
};

/** The reply that the bytes hold; undefined while some are missing. */
export const replyOf = (bytes: Buffer): HttpReply | Error | undefined => {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const sizeBytes = Number(/^content-length: *(\d+)$/im.exec(head)?.[1]);
  if (Number.isNaN(sizeBytes)) return new Error(`an answer without a length: ${head}`);
  const start = end + END_OF_HEAD.length;
  if (bytes.length < start + sizeBytes) return undefined;
  return {
    status: Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)),
    etag: /^etag: *(.+)$/im.exec(head)?.[1] ?? "",
    body: bytes.subarray(start, start + sizeBytes),
  };
};
