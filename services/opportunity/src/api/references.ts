import { findCopied } from "@keynode/api/copied";
import type { Attempt } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Reference } from "@keynode/decider/reference";
import { defaultPipeline } from "../domain/pipeline/default-pipeline.ts";
import type { PipelineStore } from "../pipeline.ts";
import type { AccountCopy } from "@keynode/runtime/copies/accounts";
import { type TenantCopy, timeZoneOf } from "@keynode/runtime/copies/tenants";

/** For whom something is looked up, and how long that may take. */
export type Asking = Pick<Attempt, "tenant" | "now" | "deadline">;

/** What the rules of deals ask of other records. */
export type References = {
  /** A pipeline of the tenant, deleted or not: deals pass it to their end. */
  pipeline(asking: Asking, id: string): Promise<Pipeline | undefined>;
  /** The pipeline that a new deal enters: the one named, or the default one, which is made for a tenant without any. */
  entryPipeline(asking: Asking, id: string): Promise<Pipeline | undefined>;
  account(asking: Asking, id: string): Promise<Reference>;
  timeZone(asking: Asking): Promise<string>;
};

export const openReferences = (
  service: string,
  pipelines: PipelineStore,
  accounts: AccountCopy,
  tenants: TenantCopy,
): References => {
  const pipeline: References["pipeline"] = async ({ tenant }, id) =>
    (await pipelines.get(tenant, id, { kind: "all" }))?.state;

  return {
    pipeline,
    entryPipeline: async (asking, id) => {
      const found =
        id === ""
          ? ((await markedDefault(pipelines, asking.tenant)) ?? (await madeDefault(asking)))
          : await pipeline(asking, id);
      return found?.deleteTime === undefined ? found : undefined;
    },
    account: async (asking, id) => (await findCopied(accounts, "accounts", { ...asking, id }, asking)).reference,
    timeZone: ({ tenant }) => timeZoneOf(tenants, tenant),
  };

  /** Its id follows from the tenant's, so that it is made once however many deals are the first. */
  async function madeDefault(asking: Asking): Promise<Pipeline | undefined> {
    const { tenant, deadline } = asking;
    const id = derivedId("pipeline", tenant, "default");
    const made = await pipelines.create(
      { type: "CreatePipeline", pipeline: defaultPipeline },
      { tenant, actor: `service:${service}`, visibility: { kind: "all" }, deadline },
      ({ now }) => ({ now }),
      id,
    );
    return isDomainError(made) ? pipeline(asking, id) : made.state;
  }
};

/** The same, each record looked up once: for the many deals of one call. */
export const remembering = (references: References): References => ({
  ...references,
  entryPipeline: remembered(references.entryPipeline),
  account: remembered(references.account),
});

const remembered = <Found>(look: (asking: Asking, id: string) => Promise<Found>): typeof look => {
  const looks = new Map<string, Promise<Found>>();
  return (asking, id) => {
    const lookup = looks.get(id) ?? look(asking, id);
    looks.set(id, lookup);
    return lookup;
  };
};

/** The tenant's own choice; the oldest where it marked several. */
const markedDefault = async ({ collection }: PipelineStore, tenant: string): Promise<Pipeline | undefined> => {
  const [oldest] = await collection
    .find({ tenant, "state.default": true, "state.deleteTime": { $exists: false } })
    .sort({ "state.createTime": 1, _id: 1 })
    .limit(1)
    .toArray();
  return oldest?.state;
};
