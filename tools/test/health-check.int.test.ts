import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { expect, it, onTestFinished } from "vitest";

const script = path.resolve(import.meta.dirname, "../../deploy/health-check.mjs");

/** The exit code of the container's health check under this environment. */
const check = async (env: Readonly<Record<string, string>>): Promise<number> => {
  const [code] = (await once(spawn(process.execPath, [script], { env }), "exit")) as [number];
  return code;
};

const grpcServer = async (status: "SERVING" | "NOT_SERVING"): Promise<string> => {
  const server = new Server();
  new HealthImplementation({ "": status }).addToServer(server);
  onTestFinished(() => server.forceShutdown());
  return await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(String(port)),
    );
  });
};

const httpServer = async (statusCode: number): Promise<string> => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/healthz" ? statusCode : 404).end();
  });
  onTestFinished(() => {
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return String((server.address() as AddressInfo).port);
};

it("a service that serves is healthy", async () => {
  expect(await check({ GRPC_PORT: await grpcServer("SERVING") })).toBe(0);
});

it("a service that is up but does not serve is not healthy", async () => {
  expect(await check({ GRPC_PORT: await grpcServer("NOT_SERVING") })).toBe(1);
});

it("a gateway that answers its health path is healthy", async () => {
  expect(await check({ HTTP_PORT: await httpServer(200) })).toBe(0);
});

it("a gateway that answers with an error is not healthy", async () => {
  expect(await check({ HTTP_PORT: await httpServer(503) })).toBe(1);
});

it.each(["GRPC_PORT", "HTTP_PORT"])("nobody at %s is not healthy", async (variable) => {
  expect(await check({ [variable]: "1" })).toBe(1);
});
