import { boundedCache } from "@keynode/auth/bounded-cache";
import type { ShareAccess } from "@keynode/auth/access";
import type { SharedRecords } from "@keynode/auth/visibility";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Collection, Filter } from "mongodb";
import type { ShareState } from "./share.ts";

/** Live shares that one grantee may have in one service; one more is refused. */
export const sharesPerGrantee = 1_000;
/** Tenants of which is known who is shared with. */
const heldTenants = 1_000;
/** Grantees that are remembered of a tenant; where there are more, every caller's shares are looked up. */
const heldGrantees = 10_000;
/** What nobody shared is looked for anew after so long even if nothing was heard: the bus may have been away. */
const heldMs = 60_000;

/** Which records are shared with whom, in one service. */
export type ShareIndex = {
  /** Ids of the records that live shares open to any of the grantees, at least that far. */
  sharedWith(tenant: string, grantees: readonly string[], access: ShareAccess): Promise<SharedRecords>;
  /** Something was shared in the tenant. */
  granted(tenant: string): void;
  /** Shares may have been made unheard. */
  forget(): void;
};

const none: SharedRecords = new Set();

/**
 * Who is shared with nothing is known from memory, so that those calls cost nothing; a share made elsewhere is in force
 * once the bus has told of it. Shares themselves are read at every call, so one that was taken back, or has expired,
 * counts nowhere from that moment on.
 */
export const openShareIndex = (
  collection: Collection<AggregateDocument<ShareState>>,
  now: () => Date,
  clockMs: () => number = () => performance.now(),
): ShareIndex => {
  type Held = { readonly grantees: Promise<ReadonlySet<string> | "many">; readonly untilMs: number };
  let held = boundedCache<Held>(heldTenants);

  const granteesOf = async (tenant: string): Promise<ReadonlySet<string> | "many"> => {
    const live = { tenant, "state.deleteTime": null } as Filter<AggregateDocument<ShareState>>;
    const found = await collection
      .aggregate<{ _id: string }>([
        { $match: live },
        { $group: { _id: "$state.grantee" } },
        { $limit: heldGrantees + 1 },
      ])
      .toArray();
    return found.length > heldGrantees ? "many" : new Set(found.map(({ _id }) => _id));
  };

  const known = (tenant: string): Held["grantees"] => {
    const nowMs = clockMs();
    const there = held.get(tenant);
    if (there !== undefined && nowMs < there.untilMs) return there.grantees;
    const grantees = granteesOf(tenant);
    held.set(tenant, { grantees, untilMs: nowMs + heldMs });
    grantees.catch(() => held.delete(tenant));
    return grantees;
  };

  return {
    sharedWith: async (tenant, grantees, access) => {
      const withShares = await known(tenant);
      const asked = withShares === "many" ? grantees : grantees.filter((id) => withShares.has(id));
      if (asked.length === 0) return none;
      const live = {
        tenant,
        "state.grantee": { $in: asked },
        "state.deleteTime": null,
        ...(access === "WRITE" && { "state.access": "WRITE" }),
      } as Filter<AggregateDocument<ShareState>>;
      const shares = await collection
        .find(live, { projection: { "state.recordId": 1, "state.expireTime": 1 } })
        .limit(sharesPerGrantee * asked.length)
        .toArray();
      const at = now();
      return new Set(
        shares.flatMap(({ state }) =>
          state.expireTime === undefined || state.expireTime > at ? [state.recordId] : [],
        ),
      );
    },
    granted: (tenant) => held.delete(tenant),
    forget: () => {
      held = boundedCache<Held>(heldTenants);
    },
  };
};
