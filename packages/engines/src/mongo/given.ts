import type { Source } from "../server.ts";
import { greetMongo } from "./greet.ts";

/** A MongoDB that somebody else runs; we neither stop nor kill it. */
export const givenMongo = (uri: string): Source => ({
  kind: "MONGODB_URI",
  family: "given",
  prepare: async () => async () => ({
    url: uri,
    version: await greetMongo(uri, 5_000),
    ended: new Promise(() => {}),
    stop: async () => {},
    kill: async () => {
      throw new Error("a MongoDB given by MONGODB_URI is not ours to kill");
    },
  }),
});
