import { once } from "node:events";
import type { Server } from "node:http";

/** Where a floor process keeps its leads and whom it asks, as its parent says on the command line. */
export const [mongoUrl = "", database = "", collection = "", upstream = ""] = process.argv.slice(2);

/** Tells the parent that this process answers on a port. */
export const announce = (port: number): void => void process.send?.({ port });

/** Listens on any free port of the loopback address and tells the parent. */
export const serve = async (server: Server): Promise<void> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address === "object" && address) announce(address.port);
};

// A floor ends with its parent.
process.once("disconnect", () => process.exit());
