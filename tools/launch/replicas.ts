import type { Ports } from "./ports.ts";
import { GATEWAY, type Service } from "./services.ts";

/** How many processes of a service there are to be, by its name; one of those not named. The gateway is always one. */
export type Replicas = Readonly<Record<string, number>>;

/** A process of a service: its first has the service's name, the others a number behind it. */
export type Instance = { readonly name: string; readonly service: Service };

export const instancesOf = (services: readonly Service[], replicas: Replicas): Instance[] =>
  services.flatMap((service) => {
    const count = service.name === GATEWAY ? 1 : (replicas[service.name] ?? 1);
    return Array.from({ length: count }, (_, at) => ({
      name: at === 0 ? service.name : `${service.name}#${at + 1}`,
      service,
    }));
  });

/** The ports of all processes of a service. */
export const portsOf = (service: string, ports: Ports): number[] =>
  Object.entries(ports).flatMap(([name, port]) => (name.replace(/#\d+$/, "") === service ? [port] : []));
