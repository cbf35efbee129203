import type { Tables } from "@keynode/messaging/generation";
import { defineProjection, type ProjectionDefinition } from "@keynode/messaging/projection";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Copy } from "@keynode/runtime/service-definition";
import type { IndexDescription } from "mongodb";
import { factTypes, openFolds } from "./fold.ts";
import { revisionRaiser } from "./revision.ts";
import type { SalesRows } from "./rows.ts";

export type SalesCopy = Copy<SalesRows>;

/** One index for each field that reports filter by, or that rows are repaired by. */
const indexed = (...fields: readonly string[]): { indexes: IndexDescription[] } => ({
  indexes: fields.map((field) => ({ key: { tenant: 1, [field]: 1 }, name: field })),
});

/** C-120. The facts of sales as all services have recorded them. */
export const salesProjection = (): ProjectionDefinition<SalesRows> => {
  const open = new WeakMap<Tables<SalesRows>, (event: Recorded) => Promise<void>>();

  /** Events of one generation go out in common groups. */
  const opened = (tables: Tables<SalesRows>): ((event: Recorded) => Promise<void>) => {
    const known = open.get(tables);
    if (known) return known;
    const [fold, raise] = [openFolds(tables), revisionRaiser(tables.revisions)];
    const made = async (event: Recorded): Promise<void> => {
      await fold(event);
      await raise(event.tenant);
    };
    open.set(tables, made);
    return made;
  };

  return defineProjection<SalesRows>({
    name: "sales",
    from: factTypes,
    tables: {
      deals: indexed(
        "ownerId",
        "teamId",
        "accountId",
        "productIds",
        "pipelineId",
        "sector",
        "region",
        "beganOn",
        "beganAt",
        "closedOn",
      ),
      leads: indexed("ownerId", "teamId", "beganOn", "beganAt"),
      qualifications: {},
      customers: indexed("ownerId", "teamId", "beganAt"),
      users: {},
      teams: {},
      products: {},
      tenants: {},
      pipelines: indexed("isDefault"),
      revisions: {},
    },
    apply: (event, tables) => opened(tables)(event),
  });
};
