import { readFileSync } from "node:fs";
import { choosePort } from "@keynode/engines/port";
import { z } from "zod";
import { GATEWAY } from "./services.ts";
import { writePrivate } from "./secrets.ts";

/** The gateway's port where it was never taken. */
export const FIRST_HTTP_PORT = 8080;
const ports = z.record(z.string(), z.int());

export type Ports = Readonly<Record<string, number>>;

const recall = (file: string): Ports => {
  try {
    return ports.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
};

/**
 * A port for each service: the one it had last time where that is free, so that bookmarks and clients stay valid,
 * otherwise any free one. Throws when the port asked for the gateway is taken.
 */
export const choosePorts = async (
  file: string,
  services: readonly string[],
  httpPort: number | undefined,
): Promise<Ports> => {
  const last = recall(file);
  const chosen: Record<string, number> = {};
  for (const service of services) {
    const isGateway = service === GATEWAY;
    const usual = last[service] ?? (isGateway ? FIRST_HTTP_PORT : undefined);
    const taken = Object.values(chosen);
    do {
      chosen[service] = await choosePort({
        ...(isGateway && httpPort !== undefined ? { wanted: httpPort } : {}),
        ...(usual === undefined || taken.includes(usual) ? {} : { usual }),
      });
    } while (taken.includes(chosen[service] ?? 0));
  }
  writePrivate(file, chosen);
  return chosen;
};
