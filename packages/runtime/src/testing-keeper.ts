import { AccessServiceService, type FilterReadableRequest } from "@keynode/contracts/crm/chassis/v1/access_service";
import { implement } from "@keynode/grpc/implement";
import { startGrpcServer } from "@keynode/grpc/server";
import { logger } from "@keynode/telemetry/logger";

/** A service that keeps records which the one under test names. */
export type Keeper = {
  /** For `UPSTREAMS`. */
  readonly address: string;
  /** What it was asked, oldest first. */
  readonly asked: FilterReadableRequest[];
  /** The records that it lets everybody read. */
  readonly readable: Set<string>;
  close(): Promise<void>;
};

const unasked = async (): Promise<never> => {
  throw new Error("not part of the test");
};

/** Starts one; it takes every token for another service's. */
export const keeperForTest = async (): Promise<Keeper> => {
  const asked: FilterReadableRequest[] = [];
  const readable = new Set<string>();
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    implementations: [
      implement(AccessServiceService, {
        filterReadable: async (request) => {
          asked.push(request);
          return { recordIds: request.recordIds.filter((id) => readable.has(id)) };
        },
        explainAccess: unasked,
        getHandover: unasked,
      }),
    ],
    errors: {},
    verify: async () => ({
      tenant: "*",
      actor: "service:platform",
      roles: [],
      teams: [],
      grants: { "access.filter": "all" },
      policyVersion: 0,
    }),
    log: logger({ name: "keeper", level: "silent" }),
  });
  return { address: `127.0.0.1:${server.port}`, asked, readable, close: () => server.drain(0) };
};
