/** A stand-in for a service, run by the tests of the launcher. Its first argument says how it behaves. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";

const [, , behaviour = "", file = ""] = process.argv;
const { GRPC_PORT, HTTP_PORT, SERVICE_NAME } = process.env;

/** grpc.health.v1: SERVING. */
const serving = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);

const behaviours = {
  crash: () => {
    console.error("out of luck");
    process.exit(3);
  },
  misconfigured: () => {
    console.error("GRPC_PORT: is missing");
    process.exit(78);
  },
  stubborn: () => {
    process.on("SIGTERM", () => {});
    console.log("up");
    setInterval(() => {}, 1000);
  },
  drain: () => {
    process.once("SIGTERM", () => {
      writeFileSync(file, "drained");
      process.exit(0);
    });
    console.log("up");
    setInterval(() => {}, 1000);
  },
  "": () => {
    console.log(JSON.stringify({ ...process.env }));
    process.once("SIGTERM", () => process.exit(0));
    if (HTTP_PORT !== undefined) {
      createServer((_request, response) => response.end(SERVICE_NAME)).listen(Number(HTTP_PORT), "127.0.0.1");
      return;
    }
    const server = createHttp2Server();
    server.on("stream", (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(serving);
    });
    server.listen(Number(GRPC_PORT), "127.0.0.1");
  },
};

behaviours[behaviour]();
