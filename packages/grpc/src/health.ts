import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

/**
 * grpc.health.v1.Health for the server as a whole ("") and for each of its services. Needs no
 * credential. Starts as NOT_SERVING; answers how to change that.
 */
export const serveHealth = (server: Server, services: readonly string[]): ((serving: boolean) => void) => {
  const names = ["", ...services];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, "NOT_SERVING" as const])));
  health.addToServer(server);
  return (serving) => {
    for (const name of names) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
  };
};
