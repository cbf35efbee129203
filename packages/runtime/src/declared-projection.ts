import type { RowTypes } from "@keynode/messaging/generation";
import {
  type Projection,
  type ProjectionDefinition,
  type ProjectionOptions,
  startProjection,
} from "@keynode/messaging/projection";
import type { Copy } from "./service-definition.ts";

/** A running projection whose rows' types no longer matter. */
export type AnyProjection = Omit<Projection<never>, "tables"> & {
  readonly name: string;
  readonly contexts: readonly string[];
};

/** Starts a declared projection once the service is connected. */
export type Declared = (options: ProjectionOptions) => Promise<AnyProjection>;

/** A projection that handlers can hold before it runs; reading it before then throws. */
export const declareProjection = <Rows extends RowTypes>(
  definition: ProjectionDefinition<Rows>,
): { copy: Copy<Rows>; start: Declared } => {
  let projection: Projection<Rows> | undefined;
  const running = (): Projection<Rows> => {
    if (projection === undefined) throw new Error(`projection ${definition.name} does not run yet`);
    return projection;
  };
  return {
    copy: {
      tables: () => running().tables(),
      asOf: () => running().asOf(),
      status: () => running().status(),
    },
    start: async (options) => {
      projection = await startProjection(definition, options);
      return { ...projection, name: definition.name, contexts: Object.keys(definition.from) };
    },
  };
};
