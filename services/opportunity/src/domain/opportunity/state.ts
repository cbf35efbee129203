import type { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";

/** A contract drafted for a deal, as far as its service has told us. */
export type DealContract = {
  id: string;
  /** The contract's version that told us; what an older one says is passed over. */
  version: number;
  /** `SIGNED` for good; `ENDED` while it is cancelled or deleted. */
  standing: "LIVE" | "ENDED" | "SIGNED";
};

/** An opportunity as stored: the resource and what only this service needs. */
export type OpportunityState = Opportunity & {
  contracts?: DealContract[] | undefined;
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** The external key, unique within a tenant; absent on deleted deals, so that others may take it. */
  heldKey?: string | undefined;
  /** The dates as `YYYY-MM-DD`, for filtering and sorting. */
  expectedCloseOn?: string | undefined;
  closeOn?: string | undefined;
};

/** The contract that a deal shows: the one that was signed first, else the one drafted last that still stands. */
export const contractOf = (contracts: readonly DealContract[]): string =>
  (contracts.find(({ standing }) => standing === "SIGNED") ?? contracts.findLast(({ standing }) => standing === "LIVE"))
    ?.id ?? "";
