import type { Source } from "../server.ts";
import { greetNats } from "./greet.ts";

/** A NATS that somebody else runs; we neither stop nor kill it, and its users are its owner's affair. */
export const givenNats = (url: string): Source => ({
  kind: "NATS_URL",
  family: "given",
  prepare: async () => async () => {
    // A cluster is given as a list; each of its servers knows the others.
    const [first = url] = url.split(",");
    return {
      url,
      version: (await greetNats(first.trim(), 5_000)).version,
      ended: new Promise(() => {}),
      stop: async () => {},
      kill: async () => {
        throw new Error("a NATS given by NATS_URL is not ours to kill");
      },
    };
  },
});
