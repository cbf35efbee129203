import type { Funnel } from "@keynode/contracts/crm/analytics/v1/report";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import type { TableCollections } from "@keynode/messaging/generation";
import { customerSteps } from "../projections/customer.ts";
import { wonStep } from "../projections/deal.ts";
import { leadSteps } from "../projections/lead.ts";
import type { PipelineRow, SalesRows } from "../projections/rows.ts";
import { addCounts, countSteps, shownSteps, step, type Step } from "./funnel-counts.ts";
import { beganIn, type Period } from "./period.ts";
import { inScope, type Scope } from "./scope.ts";
import { tenantSettings } from "./tenant-settings.ts";

export type FunnelQuestion = Scope & {
  readonly period: Period;
  /** Empty for the tenant's default. */
  readonly pipelineId: string;
  /** Values that records must have, by field; empty ones ask for nothing. */
  readonly wanted: Readonly<Record<"ownerId" | "teamId", string>>;
};

/** C-124. Errors: NOT_FOUND when there is no such pipeline. */
export const funnelReport = async (
  tables: TableCollections<SalesRows>,
  question: FunnelQuestion,
): Promise<{ readonly funnels: Funnel[] } | DomainError> => {
  const pipeline = await pipelineOf(tables, question);
  if (isDomainError(pipeline)) return pipeline;
  const { timeZone } = await tenantSettings(tables, question.tenant);
  const records = inScope(question, question.wanted);
  const began = beganIn(question.period, timeZone).map((when) => ({ ...records, ...when }));
  const narrowed = (narrow: object): object[] => began.map((match) => ({ ...match, ...narrow }));

  const [leads, futureCustomers, customers, deals] = await Promise.all([
    countSteps(tables.leads, began, leadFunnel),
    // A lead that became a customer is counted as that.
    countSteps(tables.leads, narrowed({ accountId: "" }), customerFunnel),
    countSteps(tables.customers, began, customerFunnel),
    pipeline && countSteps(tables.deals, narrowed({ pipelineId: pipeline.id }), dealFunnel(pipeline.stageKeys)),
  ]);
  return {
    funnels: [
      { subject: "LEADS", steps: shownSteps(leadSteps, leads) },
      { subject: "CUSTOMERS", steps: shownSteps(customerSteps, addCounts(customers, futureCustomers)) },
      {
        subject: "OPPORTUNITIES",
        steps: pipeline && deals ? shownSteps([...pipeline.stageKeys, "won"], deals) : [],
      },
    ],
  };
};

const leadFunnel: readonly Step[] = leadSteps.map((key) =>
  key === "qualified"
    ? { key, isReached: { $or: [step(key).isReached, { $gt: ["$qualifiedAt", null] }] }, at: "$qualifiedAt" }
    : step(key),
);

const customerFunnel: readonly Step[] = customerSteps.map(step);

const dealFunnel = (stageKeys: readonly string[]): Step[] => [
  ...stageKeys.map(step),
  { ...step(wonStep), isReached: { $eq: ["$status", "WON"] } },
];

/** The one that is asked for, else the oldest default; undefined when the tenant has none. */
const pipelineOf = async (
  { pipelines }: TableCollections<SalesRows>,
  { tenant, pipelineId }: FunnelQuestion,
): Promise<(Pick<PipelineRow, "stageKeys"> & { readonly id: string }) | undefined | DomainError> => {
  const wanted = pipelineId === "" ? { isDefault: true } : { _id: pipelineId };
  const [row] = await pipelines
    .find({ tenant, deleted: { $exists: false }, ...wanted })
    .sort({ createdAt: 1, _id: 1 })
    .limit(1)
    .toArray();
  if (row === undefined) return pipelineId === "" ? undefined : reject("NOT_FOUND", { id: pipelineId });
  return { id: row._id, stageKeys: row.stageKeys };
};
