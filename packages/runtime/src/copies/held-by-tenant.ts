import { boundedCache } from "@keynode/auth/bounded-cache";

/** Tenants whose part of a copy is held in memory. */
const heldTenants = 1_000;
/** It is read anew after so long even if nothing was heard of a change: the bus may have been away. */
const heldMs = 60_000;
/** For so long after a change was heard the copy may lack it, and is read again and again. */
const unsettledMs = 2_000;
const rereadMs = 100;

/** What each tenant has in a copy, in memory. */
export type HeldByTenant<Part> = {
  of(tenant: string): Promise<Part>;
  /** Something of the tenant has changed. */
  changed(tenant: string): void;
  /** Changes may have gone unheard. */
  forget(): void;
};

export const heldByTenant = <Part>(
  read: (tenant: string) => Promise<Part>,
  clockMs: () => number = () => performance.now(),
): HeldByTenant<Part> => {
  type Held = { readonly part: Promise<Part>; readonly untilMs: number };
  let held = boundedCache<Held>(heldTenants);
  const changedMs = boundedCache<number>(heldTenants);

  return {
    of: (tenant) => {
      const nowMs = clockMs();
      const known = held.get(tenant);
      if (known !== undefined && nowMs < known.untilMs) return known.part;
      const isUnsettled = nowMs < (changedMs.get(tenant) ?? Number.NEGATIVE_INFINITY) + unsettledMs;
      const part = read(tenant);
      held.set(tenant, { part, untilMs: nowMs + (isUnsettled ? rereadMs : heldMs) });
      part.catch(() => held.delete(tenant));
      return part;
    },
    changed: (tenant) => {
      changedMs.set(tenant, clockMs());
      held.delete(tenant);
    },
    forget: () => {
      held = boundedCache<Held>(heldTenants);
    },
  };
};
