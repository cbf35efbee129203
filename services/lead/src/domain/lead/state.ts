import type { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import type { LeadConversionAdvanced_Part } from "@keynode/contracts/crm/lead/v1/lead_events";

/** The three records that a conversion makes. */
export type ConversionPart = Exclude<LeadConversionAdvanced_Part, "PART_UNSPECIFIED" | "UNRECOGNIZED">;

/** A lead as stored: the resource and what only this service needs. */
export type LeadState = Lead & {
  /** Pinyin form of the name, for sorting. */
  nameKey?: string | undefined;
  /** `email:…` and `phone:…`, unique within a tenant; absent on deleted leads. */
  matchKeys?: string[] | undefined;
  /** Which records of a pending conversion are known to exist. */
  convertedParts?: LeadConversionAdvanced_Part[] | undefined;
};
