import type { Lead, Lead_Status } from "@keynode/contracts/crm/lead/v1/lead";
import { isoDate } from "@keynode/decider/calendar-date";
import type { LeadFacts } from "./rows.ts";

/** A lead's own steps; whether it was qualified is kept apart, since a lead that was given up does not tell. */
export const leadSteps = ["captured", "contacted", "qualified", "converted"] as const;

/** What reports need of a lead. */
export const leadFacts = (lead: Lead): LeadFacts => ({
  ownerId: lead.ownerId,
  teamId: lead.teamId,
  accountId: lead.conversion?.accountId ?? "",
  ...(lead.capturedDate === undefined ? { beganAt: lead.createTime } : { beganOn: isoDate(lead.capturedDate) }),
  reached: [...leadSteps.slice(0, 1 + progress(lead)), "potential", ...(lead.stage === "INTENT" ? ["intent"] : [])],
  reachedAt: {
    captured: lead.createTime,
    contacted: lead.firstInquiryTime,
    converted: lead.conversion?.completeTime,
    potential: lead.createTime,
    intent: lead.stageChanges.find(({ to }) => to === "INTENT")?.time,
  },
});

const progressOf: Readonly<Partial<Record<Lead_Status, number>>> = { WORKING: 1, QUALIFIED: 2, CONVERTED: 3 };

/** Steps beyond the capture. A lead that was given up was worked before if it had asked about something. */
const progress = ({ status, inquiryCount }: Lead): number => progressOf[status] ?? (inquiryCount > 0 ? 1 : 0);
