import { onPath } from "../command.ts";
import type { Setup, Source } from "../server.ts";
import { checkMongod, launchMongod, MONGOD_FAMILY } from "./mongod.ts";

export const mongodOnPath = (setup: Setup, searchPath: readonly string[]): Source => ({
  kind: "mongod on PATH",
  family: MONGOD_FAMILY,
  prepare: async () => {
    const binary = onPath("mongod", searchPath);
    if (binary === undefined) throw new Error("no mongod on PATH");
    await checkMongod(binary);
    return launchMongod(binary, setup);
  },
});
