import { connect } from "node:http2";

/** grpc.health.v1: an empty request asks for the whole server, behind gRPC's frame of 5 bytes. */
const EMPTY_REQUEST = Buffer.alloc(5);

/** Field 1 (status) of a HealthCheckResponse is varint 1, SERVING. */
const saysServing = (frame: Buffer): boolean =>
  frame.length >= 7 && frame[0] === 0 && frame[5] === 0x08 && frame[6] === 1;

/** Whether the gRPC server at `address` (`host:port`) is there and serves. Never throws. */
export const isServing = (address: string, timeoutMs = 1_000): Promise<boolean> =>
  new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const settle = (serving: boolean) => {
      clearTimeout(timer);
      session.destroy();
      resolve(serving);
    };
    const timer = setTimeout(() => settle(false), timeoutMs);
    session.on("error", () => settle(false));
    const call = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const received: Buffer[] = [];
    call.on("data", (chunk: Buffer) => received.push(chunk));
    call.on("error", () => settle(false));
    call.on("end", () => settle(saysServing(Buffer.concat(received))));
    call.end(EMPTY_REQUEST);
  });

/** Whether an HTTP server answers `/healthz` with success. Never throws. */
export const isHealthy = async (baseUrl: string, timeoutMs = 1_000): Promise<boolean> => {
  try {
    return (await fetch(`${baseUrl}/healthz`, { signal: AbortSignal.timeout(timeoutMs) })).ok;
  } catch {
    return false;
  }
};
