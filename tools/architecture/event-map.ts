import { generateKeyPair } from "@keynode/auth/key-pair";
import type { ServiceTools } from "@keynode/runtime/service-definition";
import { loadDefinition } from "./service-definition.ts";

/** One service's appetite: what it takes of which context, and under which name. */
export type Consumption = {
  readonly service: string;
  readonly consumer: string;
  readonly kind: "reactor" | "copy";
  readonly context: string;
  readonly types: readonly string[] | "*";
};

/**
 * Who consumes which events, read off the services' own definitions: each is put together with tools that do nothing but
 * remember what it declares.
 */
export const eventMap = async (root: string, services: readonly string[]): Promise<Consumption[]> => {
  const found: Consumption[] = [];
  const { privateJwk } = await generateKeyPair();
  // What a service signs with is read at once, so that must be a key.
  const config: object = new Proxy(stub, {
    get: (target, property) => (property === "INTERNAL_KEY" ? privateJwk : Reflect.get(target, property)),
  });
  for (const name of services) {
    const definition = await loadDefinition(root, name);
    if (definition === undefined) continue;
    const note = (
      kind: Consumption["kind"],
      consumer: string,
      from: Readonly<Record<string, readonly string[] | "*">>,
    ) => {
      for (const [context, types] of Object.entries(from))
        found.push({ service: name, consumer, kind, context, types });
    };
    const tools: Partial<ServiceTools> = {
      name,
      now: () => new Date(0),
      store: () => stub as never,
      projection: (projection) => {
        note("copy", projection.name, projection.from);
        return stub as never;
      },
    };
    const parts = await definition.build({ db: stub, journal: stub, log: stub, ...tools } as never, config as never);
    for (const { name: consumer, from } of parts.reactors ?? []) note("reactor", consumer, from);
  }
  return found;
};

/**
 * Stands in for whatever a definition touches while it is put together: any property of it, called or not, is it again;
 * as a list it is empty, as a number or a text it is zero.
 */
const stub: object = new Proxy(() => undefined, {
  get: (_target, property) => {
    if (property === "then") return undefined;
    if (property === Symbol.iterator) return () => [].values();
    return property === Symbol.toPrimitive ? () => 0 : stub;
  },
  apply: () => stub,
});

/** The map as a Mermaid flowchart: one arrow for each pair of services, with how many event types cross it. */
export const eventChart = (consumptions: readonly Consumption[]): string => {
  const arrows = Map.groupBy(
    consumptions.filter(({ service, context }) => service !== context),
    ({ context, service }) => `${context} --> ${service}`,
  );
  const lines = [...arrows].map(([arrow, crossing]) => {
    const types = new Set(crossing.flatMap(({ types: each }) => each));
    const label = [...types].sort().slice(0, 3).join("<br>") + (types.size > 3 ? `<br>and ${types.size - 3} more` : "");
    return `  ${arrow.replace(" --> ", ` -- "${label}" --> `)}`;
  });
  return ["flowchart LR", ...lines.sort()].join("\n");
};

/** The map as a table, one row for each consumer and context. */
export const eventTable = (consumptions: readonly Consumption[]): string =>
  [
    "| service | consumer | takes from | events |",
    "|---|---|---|---|",
    ...consumptions.map(
      ({ service, consumer, kind, context, types }) =>
        `| ${service} | ${consumer} (${kind}) | ${context} | ${types === "*" ? "all" : [...types].sort().join(", ")} |`,
    ),
  ].join("\n");
