import { reject } from "@keynode/decider/domain-error";
import type { ContractRule } from "../command.ts";
import { refuseCancelled } from "../refusals.ts";
import { parties } from "../state.ts";

/**
 * C-056, C-057. Signing a signed contract yields []. Errors: CONTRACT_CANCELLED, CONTRACT_WITHOUT_CLAUSES,
 * CONTRACT_CLAUSES_OPEN naming the open ones, CONTRACT_WITHOUT_VALUE, SIGNATORY_MISSING.
 */
export const signContract: ContractRule<"SignContract"> = ({ signatories, signedDate }, state, { now, today }) => {
  if (state.status === "SIGNED") return [];
  const cancelled = refuseCancelled(state);
  if (cancelled !== undefined) return cancelled;
  const { clauses, value } = state;
  if (clauses.length === 0) return reject("CONTRACT_WITHOUT_CLAUSES");
  const open = clauses.filter(({ status }) => status !== "AGREED");
  if (open.length > 0) return reject("CONTRACT_CLAUSES_OPEN", { clauses: open.map(({ title }) => title).join(", ") });
  if (value === undefined) return reject("CONTRACT_WITHOUT_VALUE");
  const missing = parties.find((party) => !signatories.some((signatory) => signatory.party === party));
  if (missing !== undefined) return reject("SIGNATORY_MISSING", { party: missing });
  const { number, accountId, opportunityId, title, lines, cover, ownerId, teamId } = state;
  return [
    {
      type: "ContractSigned",
      number,
      accountId,
      opportunityId,
      title,
      value,
      lines,
      cover,
      signatories,
      ownerId,
      teamId,
      signedDate: signedDate ?? today,
      signTime: now,
    },
  ];
};
