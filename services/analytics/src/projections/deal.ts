import type { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { type CalendarDate, isoDate } from "@keynode/decider/calendar-date";
import type { Beginning, DealFacts, Steps } from "./rows.ts";

/** The step that follows the stages; no stage's key is in capitals. */
export const wonStep = "WON";

/** What reports need of a deal. */
export const dealFacts = (deal: Opportunity): DealFacts => {
  const { close, status } = deal;
  const value = status === "WON" ? close?.value : undefined;
  return {
    ownerId: deal.ownerId,
    teamId: deal.teamId,
    accountId: deal.accountId,
    pipelineId: deal.pipelineId,
    productIds: [...new Set(deal.productIds)],
    status,
    stageKey: deal.stageKey,
    ...beginning(deal),
    ...steps(deal),
    closedOn: close?.closeDate && isoDate(close.closeDate),
    currency: value?.currencyCode,
    wonUnits: value?.units,
    wonNanos: value?.nanos,
    cycleDays:
      status === "WON" && deal.engageDate && close?.closeDate
        ? dayNumber(close.closeDate) - dayNumber(deal.engageDate)
        : undefined,
  };
};

/** A deal of another system was not opened when it was loaded here. */
const beginning = ({ engageDate, createTime, imported }: Opportunity): Beginning => {
  if (engageDate !== undefined) return { beganOn: isoDate(engageDate) };
  return imported ? {} : { beganAt: createTime };
};

/** Of a deal of another system only the place is known: its times are those of the loading. */
const steps = ({ stageHistory, stageKey, status, close, imported }: Opportunity): Steps => {
  const reachedAt: Record<string, Date | undefined> = {};
  for (const { toKey, time } of imported ? [] : stageHistory) reachedAt[toKey] ??= time;
  if (status === "WON" && !imported) reachedAt[wonStep] = close?.closeTime;
  return { reached: [...new Set([...stageHistory.map(({ toKey }) => toKey), stageKey])].toSorted(), reachedAt };
};

const dayMs = 86_400_000;

const dayNumber = ({ year, month, day }: CalendarDate): number => Date.UTC(year, month - 1, day) / dayMs;
