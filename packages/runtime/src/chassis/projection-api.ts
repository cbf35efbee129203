import {
  type Projection,
  Projection_Source_State,
  Projection_State,
  type ProjectionServiceService,
} from "@keynode/contracts/crm/chassis/v1/projection_service";
import { reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import type { SourceState } from "@keynode/messaging/source";
import type { Logger } from "@keynode/telemetry/logger";
import type { AnyProjection } from "../declared-projection.ts";

const states: Readonly<Record<SourceState, Projection_Source_State>> = {
  waiting: Projection_Source_State.WAITING,
  backfilling: Projection_Source_State.BACKFILLING,
  live: Projection_Source_State.LIVE,
};

/** Shows a service's copies and has them built anew (law 7). */
export const projectionApi = (
  service: string,
  projections: ReadonlyMap<string, AnyProjection>,
  log: Logger,
): Handlers<typeof ProjectionServiceService> => {
  const shown = async (projection: AnyProjection): Promise<Projection> => {
    const { generation, building, sources } = projection.status();
    return {
      name: projection.name,
      service,
      state: building === undefined ? Projection_State.LIVE : Projection_State.REBUILDING,
      generation,
      sources: Object.entries(sources).map(([name, state]) => ({ service: name, state: states[state] })),
      asOf: await projection.asOf(),
    };
  };

  return {
    listProjections: async () => ({
      projections: await Promise.all([...projections.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(shown)),
    }),
    rebuildProjection: async ({ name }) => {
      const projection = projections.get(name);
      if (projection === undefined) return reject("NOT_FOUND", { id: name });
      projection.rebuild().catch((error: unknown) => log.error({ err: error, projection: name }, "rebuild failed"));
      return { ...(await shown(projection)), state: Projection_State.REBUILDING };
    },
  };
};
