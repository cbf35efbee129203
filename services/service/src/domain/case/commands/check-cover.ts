import type { CaseRule } from "../command.ts";
import { coveringContract } from "../cover.ts";

/** C-057. Yields [] for a case in cover, and for one whose day no contract covers. */
export const checkCover: CaseRule<"CheckCover"> = (_command, { coverStatus, receiveTime, accountId }, context) => {
  if (coverStatus === "IN_COVER" || receiveTime === undefined) return [];
  const contractId = coveringContract(receiveTime, context);
  return contractId === undefined ? [] : [{ type: "CaseCoverFound", contractId, accountId }];
};
