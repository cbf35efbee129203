import { type handleServerStreamingCall, type handleUnaryCall, type Server, status as codes } from "@grpc/grpc-js";
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthCheckResponse_ServingStatus as ServingStatus,
  HealthService,
  type HealthListRequest,
  type HealthListResponse,
} from "@keynode/contracts/grpc/health/v1/health";

export type Health = {
  /** What every name says from now on; watchers are told. */
  readonly setServing: (serving: boolean) => void;
  /** Ends the open watches: they would hold a drain up. */
  readonly endWatches: () => void;
};

/**
 * grpc.health.v1.Health for the server as a whole ("") and each of its services. Needs no credential.
 * Starts as NOT_SERVING.
 */
export const serveHealth = (server: Server, services: readonly string[]): Health => {
  const names: ReadonlySet<string> = new Set(["", ...services]);
  let status: ServingStatus = "NOT_SERVING";
  const watches = new Set<Parameters<typeof watch>[0]>();

  const check: handleUnaryCall<HealthCheckRequest, HealthCheckResponse> = ({ request }, respond) => {
    if (names.has(request.service)) respond(null, { status });
    else respond({ code: codes.NOT_FOUND, details: `no service ${request.service} here` });
  };
  const list: handleUnaryCall<HealthListRequest, HealthListResponse> = (_, respond) => {
    respond(null, { statuses: Object.fromEntries([...names].map((name) => [name, { status }])) });
  };
  const watch: handleServerStreamingCall<HealthCheckRequest, HealthCheckResponse> = (rpc) => {
    const known = names.has(rpc.request.service);
    rpc.write({ status: known ? status : "SERVICE_UNKNOWN" });
    watches.add(rpc);
    rpc.once("cancelled", () => watches.delete(rpc));
  };
  server.addService(HealthService, { check, list, watch });

  return {
    setServing: (serving) => {
      const next = serving ? "SERVING" : "NOT_SERVING";
      if (next === status) return;
      status = next;
      for (const rpc of watches) if (names.has(rpc.request.service)) rpc.write({ status });
    },
    endWatches: () => {
      for (const rpc of watches) rpc.end();
    },
  };
};
