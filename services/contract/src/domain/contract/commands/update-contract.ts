import type { Contract } from "@keynode/contracts/crm/contract/v1/contract";
import { edited } from "@keynode/decider/crud";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import { isSameMoney, type Money } from "@keynode/decider/money";
import { changedPaths, withChanges } from "@keynode/decider/record";
import { pricesAt, refuseNegative, sumOfLines } from "../../amounts.ts";
import { refuseProducts } from "../../references.ts";
import type { ContractRule } from "../command.ts";
import { refuseClosed, refuseCover } from "../refusals.ts";

/**
 * C-055. Errors: CONTRACT_SIGNED, CONTRACT_CANCELLED, PRODUCT_NOT_FOUND, COVER_INVALID, MIXED_CURRENCIES,
 * AMOUNT_OUT_OF_RANGE, INVALID_REQUEST.
 */
export const updateContract: ContractRule<"UpdateContract"> = ({ contract, updateMask = [] }, state, context) => {
  const closed = refuseClosed(state);
  if (closed !== undefined || contract === undefined) return closed ?? [];
  const after = withChanges(state, contract, updateMask);
  const changesLines = changedPaths(state, after, ["lines"]).length > 0;
  const refusal =
    refuseNegative({ ...pricesAt("contract.", after.lines), "contract.value": after.value }) ??
    (changesLines ? refuseProducts(after.lines, context) : undefined) ??
    refuseCover(after.cover);
  if (refusal !== undefined) return refusal;
  const value = valueAfter(state, after);
  if (isDomainError(value)) return value;
  return edited("Contract", state, { ...contract, value }, [...new Set([...updateMask, "value"])], context);
};

/** A value that was the sum of the lines stays their sum, and so does one that is taken out. */
const valueAfter = (before: Contract, after: Contract): Money | undefined | DomainError => {
  const sum = sumOfLines(before.lines);
  const wasSum = !isDomainError(sum) && isSameMoney(before.value, sum);
  const isKept = isSameMoney(before.value, after.value);
  return after.value === undefined || (wasSum && isKept) ? sumOfLines(after.lines) : after.value;
};
