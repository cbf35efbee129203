import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";

export const FLOOR_DATABASE = "bench_floors";
export const DIRECT_LEADS = "leads_direct";
export const GRPC_LEADS = "leads_grpc";

export type FloorProcess = { readonly pid: number; readonly port: number };

export type Floors = {
  /** Express and the driver. */
  readonly direct: FloorProcess;
  /** Express, and the bare gRPC service that it asks. */
  readonly rest: FloorProcess;
  readonly grpc: FloorProcess;
  readonly stop: () => void;
};

const ready = (child: ChildProcess): Promise<FloorProcess> =>
  new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`a floor ended with ${code}`)));
    child.once("message", (message) => {
      if (typeof message !== "object" || !("port" in message) || typeof message.port !== "number") return;
      resolve({ pid: child.pid ?? 0, port: message.port });
    });
  });

/** Starts the floors, each half a process of its own, on the same engine as the installation. */
export const startFloors = async (mongoUrl: string): Promise<Floors> => {
  const children: ChildProcess[] = [];
  const start = (name: string, ...rest: string[]): Promise<FloorProcess> => {
    const file = path.join(import.meta.dirname, "floors", `${name}.ts`);
    const child = fork(file, [mongoUrl, FLOOR_DATABASE, ...rest], {
      // What a deployment would run is no TypeScript, but stripping it costs at start only.
      execArgv: ["--conditions=source"],
      env: { ...process.env, NODE_ENV: "production" },
    });
    children.push(child);
    return ready(child);
  };
  const [direct, grpc] = await Promise.all([start("express-driver", DIRECT_LEADS), start("grpc-driver", GRPC_LEADS)]);
  const rest = await start("express-grpc", GRPC_LEADS, `127.0.0.1:${grpc.port}`);
  return {
    direct,
    rest,
    grpc,
    stop: () => {
      for (const child of children) {
        child.removeAllListeners("exit");
        child.kill();
      }
    },
  };
};
