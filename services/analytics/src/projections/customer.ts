import type { Account, Account_Stage } from "@keynode/contracts/crm/account/v1/account";
import type { CustomerRow } from "./rows.ts";

/** A customer's steps; a lead is one before it has an account. */
export const customerSteps = ["potential", "intent", "closed_won"] as const;

/** What reports need of an account. */
export const customerRow = (account: Account): CustomerRow => ({
  ownerId: account.ownerId,
  teamId: account.teamId,
  sector: account.sector || undefined,
  beganAt: account.firstContactTime ?? account.createTime,
  reached: customerSteps.slice(0, 1 + (progressOf[account.stage] ?? 0)),
  reachedAt: {
    potential: account.firstContactTime ?? account.createTime,
    intent: account.stageChanges.find(({ to }) => to === "INTENT")?.time,
    closed_won: account.convertTime,
  },
});

const progressOf: Readonly<Partial<Record<Account_Stage, number>>> = { INTENT: 1, CLOSED_WON: 2 };
