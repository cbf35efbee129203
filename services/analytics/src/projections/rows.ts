/**
 * When a deal was opened, a lead captured or a customer first met: on a day of business, or at an instant whose day the
 * tenant's time zone decides. Neither when nobody knows.
 */
export type Beginning = { beganOn?: string | undefined; beganAt?: Date | undefined };

/** Whose record a row is made from; decides who may see it counted. */
export type Owned = { ownerId: string; teamId: string };

/** The steps of a funnel that a record has come to, and when, where that is known. */
export type Steps = { reached: readonly string[]; reachedAt: Readonly<Record<string, Date | undefined>> };

/** Versions of the rows that fields were borrowed from, by field; 0 of a row that is not here yet. See `openLoan`. */
export type Borrowed<Fields> = Fields & { lent: Readonly<Record<keyof Fields & string, number>> };

/** A deal as its own events tell it. Steps are stages by key, in the order of the keys; the win is `WON`. */
export type DealFacts = Owned &
  Beginning &
  Steps & {
    accountId: string;
    pipelineId: string;
    productIds: readonly string[];
    status: string;
    /** Where it stands, or stood when it closed. */
    stageKey: string;
    /** The day it was won or lost, as `2017-03-01`. */
    closedOn?: string | undefined;
    /** What a won deal was worth. */
    currency?: string | undefined;
    wonUnits?: bigint | undefined;
    wonNanos?: number | undefined;
    /** Days from the opening to the win where both are days; an opening by instant is counted when it is read. */
    cycleDays?: number | undefined;
  };

export type DealRow = DealFacts & Borrowed<{ sector?: string | undefined; region?: string | undefined }>;

/** A lead as its own events tell it: its steps as a lead, and those as a customer to be. */
export type LeadFacts = Owned &
  Beginning &
  Steps & {
    /** The customer that the lead became; empty while it is none. */
    accountId: string;
  };

export type LeadRow = LeadFacts & Borrowed<{ qualifiedAt?: Date | undefined }>;

/** That a lead was found worth pursuing; stays when the lead is given up afterwards. */
export type QualificationRow = { qualifiedAt: Date };

export type CustomerRow = Owned & Beginning & Steps & { sector?: string | undefined };

export type NameRow = { name: string };

export type TeamRow = NameRow & { region?: string | undefined };

export type TenantRow = { currency?: string | undefined; timeZone: string };

export type PipelineRow = { stageKeys: readonly string[]; isDefault: boolean; createdAt?: Date | undefined };

/** Everything that reports are made from. */
export type SalesRows = {
  deals: DealRow;
  leads: LeadRow;
  qualifications: QualificationRow;
  customers: CustomerRow;
  users: NameRow;
  teams: TeamRow;
  products: NameRow;
  tenants: TenantRow;
  pipelines: PipelineRow;
  /** One row for each tenant, whose version rises after each change of the tenant's facts. */
  revisions: object;
};
