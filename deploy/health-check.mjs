// Exit code 0 when this container's service answers as healthy: the gateway by HTTP, the others by
// grpc.health.v1. Without dependencies, so that it starts fast; the caller bounds its time.
import { connect } from "node:http2";

const { HTTP_PORT, GRPC_PORT } = process.env;

/** Field 1 (status) of a HealthCheckResponse is varint 1, SERVING, behind gRPC's frame of 5 bytes. */
const serving = (frame) => frame.length >= 7 && frame[0] === 0 && frame[5] === 0x08 && frame[6] === 1;

const grpcHealthy = (port) =>
  new Promise((resolve) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const settle = (healthy) => {
      session.destroy();
      resolve(healthy);
    };
    session.once("error", () => settle(false));
    const call = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const received = [];
    call.on("data", (chunk) => received.push(chunk));
    call.once("error", () => settle(false));
    call.once("end", () => settle(serving(Buffer.concat(received))));
    // An empty HealthCheckRequest asks for the whole server: no compression, length 0.
    call.end(Buffer.alloc(5));
  });

const httpHealthy = async (port) => {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
};

const healthy = await (HTTP_PORT === undefined ? grpcHealthy(GRPC_PORT) : httpHealthy(HTTP_PORT));
process.exit(healthy ? 0 : 1);
